"""Runs the benchmarks: python tests/benchmarks/run.py [--json FILE] [NAME…], all or those named in `BENCHMARKS`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import analysis, engine, install, stall, startup, stores, views
from benchmarks.figures import Figure, table, write_json

BENCHMARKS = {
    "startup": startup.measure,
    "stall": stall.measure,
    "views": views.measure,
    "engine": engine.measure,
    "leaks": engine.measure_leaks,
    "stores": stores.measure,
    "analysis": analysis.measure,
    "install": install.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure speed and size beside their targets.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all by default"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file as well")
    said = parser.parse_args()
    if unknown := [name for name in said.names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    figures: list[Figure] = []
    for name in said.names or BENCHMARKS:
        figures += BENCHMARKS[name]()
    print(table(figures))
    if said.json:
        write_json(figures, said.json)
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
