"""A real Weaviate of several nodes on this computer, for tests."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from support.weaviate_server import WeaviateServer, weaviate_binary

_SECONDS_TO_GATHER = 40
_PAUSE = 0.1


class _Node(WeaviateServer):
    """One node that knows of the others."""

    def __init__(self, binary: Path, folder: Path, name: str) -> None:
        folder.mkdir()
        super().__init__(binary, folder)
        self.name = name
        self.gathering: Mapping[str, str] = {}

    @property
    def raft_address(self) -> str:
        return f"{self.name}:{self._raft}"

    @property
    def gossip_address(self) -> str:
        return f"127.0.0.1:{self._gossip}"

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "CLUSTER_HOSTNAME": self.name, **self.gathering}


class WeaviateCluster:
    """Nodes that elect a leader and replicate; each can be killed and started again with its data."""

    def __init__(self, binary: Path, folder: Path, size: int = 3) -> None:
        self.nodes = [_Node(binary, folder / f"node{i}", f"node{i}") for i in range(1, size + 1)]
        # A node that was lost comes back by the same addresses, whichever of the others is there.
        for node in self.nodes:
            others = [other.gossip_address for other in self.nodes if other is not node]
            node.gathering = {
                "CLUSTER_JOIN": ",".join(others),
                "RAFT_JOIN": ",".join(other.raft_address for other in self.nodes),
                "RAFT_BOOTSTRAP_EXPECT": str(size),
                "REPLICATION_MINIMUM_FACTOR": str(size),
            }

    def start(self) -> None:
        """Start the nodes at once and wait until all of them see each other as healthy."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            list(pool.map(lambda node: node.start(), self.nodes))
        self.wait_for(len(self.nodes))

    def stop(self) -> None:
        """End all nodes; at once, as each would wait for the others and their data is not needed any more."""
        for node in self.nodes:
            node.kill()

    def wait_for(self, healthy: int) -> None:
        """Wait until every running node sees so many healthy ones; `TimeoutError` when that does not come."""
        until = time.monotonic() + _SECONDS_TO_GATHER
        while time.monotonic() < until:
            running = [node for node in self.nodes if node.is_running]
            if running and all(_healthy(node) == healthy for node in running):
                return
            time.sleep(_PAUSE)
        raise TimeoutError("The nodes did not gather:\n" + "\n".join(node.log for node in self.nodes))


def _healthy(node: WeaviateServer) -> int:
    try:
        with httpx.Client(trust_env=False, timeout=2) as http:
            answer = http.get(f"http://127.0.0.1:{node.port}/v1/nodes")
    except httpx.HTTPError:
        return 0
    if answer.status_code != httpx.codes.OK:
        return 0
    return sum(found["status"] == "HEALTHY" for found in answer.json()["nodes"])


@contextmanager
def weaviate_cluster(size: int = 3) -> Iterator[WeaviateCluster]:
    """A running cluster with a folder of its own, gone afterwards."""
    with TemporaryDirectory(prefix="weaviate-") as folder:
        cluster = WeaviateCluster(weaviate_binary(), Path(folder), size)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
