"""The command line: opens the window, or answers one question in the terminal."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from elysia_desktop import __version__

_INTERRUPTED = 130  # 128 and the signal's number, as shells have it
_NO_READER = 141


def parser() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    result = argparse.ArgumentParser(prog="elysia-desktop", description="Ask your data anything.")
    result.add_argument("--version", action="version", version=f"elysia-desktop {__version__}")
    result.add_argument("--profile-dir", type=Path, metavar="FOLDER", help="keep everything in this folder")
    result.add_argument("--headless", action="store_true", help="answer in the terminal, without a window")
    result.add_argument("--ask", metavar="TEXT", help="the question; with a window it is asked at once")
    result.add_argument(
        "--collections", metavar="A,B", default="", help="the collections to ask; all by default"
    )
    result.add_argument(
        "--file",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help="with --headless: answer from this file; can be given more than once",
    )
    result.add_argument(
        "--json", action="store_true", help="with --headless: print every payload as a JSON line"
    )
    result.add_argument(
        "--replay",
        metavar="FILE",
        nargs="?",
        const="all",
        help="with --headless: ask the question of a regression case again, or of all, and compare",
    )
    result.add_argument("--model", metavar="NAME", default="", help="with --replay: the model to ask")
    result.add_argument(
        "--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), help="how much is written to the log"
    )
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the application; returns the exit code."""
    if list(sys.argv[1:] if arguments is None else arguments) == ["--serve-model"]:
        from elysia_desktop.engine.served_model import serve  # how a frozen application starts its own server

        serve()
        return 0
    said = parser().parse_args(arguments)
    if said.model and said.replay is None:
        parser().error("--model goes with --replay.")
    if said.replay is not None and (said.ask is not None or said.collections or said.file):
        parser().error("--replay asks the questions of regression cases, of their own collections.")
    if said.file and said.ask is None:
        parser().error("--file goes with --ask.")
    collections = [name.strip() for name in said.collections.split(",") if name.strip()]
    if said.headless:
        return _answer(said, collections)
    if said.json:
        parser().error("--json goes with --headless.")
    if said.file:
        parser().error("--file goes with --headless.")
    if said.replay is not None:
        parser().error("--replay goes with --headless.")
    from elysia_desktop.app import run

    return run(profile=said.profile_dir, question=said.ask, collections=collections, log_level=said.log_level)


def _answer(said: argparse.Namespace, collections: Sequence[str]) -> int:
    """Answer in the terminal; when interrupted or no longer read, end as programs of the terminal do."""
    if said.ask is not None and not said.ask.strip():
        parser().error("the question of --ask is empty.")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal cannot show must not end the program
            stream.reconfigure(errors="backslashreplace")
    try:
        import asyncio

        from elysia_desktop.headless import SAMPLE_QUESTION, ask
        from elysia_desktop.replaying import replay

        async def answer() -> int:
            question = SAMPLE_QUESTION if said.ask is None else said.ask
            try:
                if said.replay is not None:
                    return await replay(
                        said.replay,
                        model=said.model,
                        as_json=said.json,
                        profile=said.profile_dir,
                        log_level=said.log_level,
                    )
                return await ask(
                    question,
                    collections,
                    files=said.file,
                    as_json=said.json,
                    profile=said.profile_dir,
                    log_level=said.log_level,
                )
            except asyncio.CancelledError:
                # Everything is closed by now. A library that is still being imported, which nothing can
                # interrupt, is not waited for.
                os._exit(_INTERRUPTED)

        return asyncio.run(answer())
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _give_up_writing()
        return _NO_READER
    except OSError as error:
        _give_up_writing()
        print(f"The answer could not be written: {error.strerror or error}.", file=sys.stderr)  # noqa: T201
        return 1


def _give_up_writing() -> None:
    """Drop what is left in the buffer: Python writes it out at its end, and would complain again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
