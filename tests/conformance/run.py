"""The whole conformance suite: thousands of requests to both stores, compared with plain Python."""

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from conformance.comparing import Tally, compare
from conformance.stores import library, weaviate
from support.weaviate_server import weaviate_server

COLLECTIONS = 100
REQUESTS = 100


async def main(asked):
    """Print the table of differences; returns whether there were any."""
    tally, started = Tally(), perf_counter()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="conformance-")))
        stores = {"library": await stack.enter_async_context(library(folder))}
        if not asked.only_library:
            stores["weaviate"] = await stack.enter_async_context(weaviate(*_ports(stack, asked.address)))
        seeds = range(asked.first, asked.first + asked.collections)
        await compare(stores, seeds, asked.requests, tally)
    for difference in tally.differences[: asked.shown]:
        print(f"{difference}\n")
    print(tally.table())
    print(
        f"\n{asked.collections} collections of up to 60 objects, {asked.requests} requests each, "
        f"{sum(tally.asked.values())} asked in {perf_counter() - started:.0f} s: "
        f"{len(tally.differences) or 'no'} differences (scores are not compared)"
    )
    return bool(tally.differences)


def _ports(stack, address):
    """Where the Weaviate listens; without an address one is started."""
    if address:
        return tuple(map(int, address.split(",")))
    server = stack.enter_context(weaviate_server())
    return server.port, server.grpc_port


def arguments():
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--collections", type=int, default=COLLECTIONS)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="of each collection")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--shown", type=int, default=10, help="how many differences to show in full")
    parser.add_argument("--only-library", action="store_true")
    parser.add_argument("--address", help="ports of a running Weaviate, as HTTP,GRPC; else one is started")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(arguments())))
