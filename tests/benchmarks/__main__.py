"""`make bench`: every group's ratios in one run, as a table and as build/bench.json.

    python -m tests.benchmarks [GROUP]

A bar that does not hold is shown, never an error: timings are not tests.
"""

import importlib
import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from tests.benchmarks.table import BenchRow

GROUPS = ("engine", "window", "datasets", "training")
REPORT = Path("build/bench.json")


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(GROUPS)
    if unknown:
        print(f"Unknown group: {', '.join(sorted(unknown))}. Known: {', '.join(GROUPS)}.")
        return 2
    rows: list[BenchRow] = []
    for group in wanted or GROUPS:
        rows += importlib.import_module(f"tests.benchmarks.{group}").measure()
    table = Table("what", "figure", "bar", "holds", title="Benchmarks")
    for row in rows:
        table.add_row(row.what, row.figure, row.bar, "yes" if row.holds else "NO")
    Console(width=140).print(table)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
