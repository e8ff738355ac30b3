"""The command line: opens the window, or answers one question in the terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from elysia_desktop import __version__


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
        "--json", action="store_true", help="with --headless: print every payload as a JSON line"
    )
    result.add_argument(
        "--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), help="how much is written to the log"
    )
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the application; returns the exit code."""
    said = parser().parse_args(arguments)
    collections = [name.strip() for name in said.collections.split(",") if name.strip()]
    if not said.headless:
        from elysia_desktop.app import run

        return run(
            profile=said.profile_dir, question=said.ask, collections=collections, log_level=said.log_level
        )
    import asyncio

    from elysia_desktop.headless import SAMPLE_QUESTION, ask

    question = SAMPLE_QUESTION if said.ask is None else said.ask
    return asyncio.run(ask(question, collections, as_json=said.json, profile=said.profile_dir))


if __name__ == "__main__":
    sys.exit(main())
