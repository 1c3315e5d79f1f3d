"""Datasets: how fast they are there, and what is looked for in them before training."""

from tests.benchmarks import million_rows, near_duplicates
from tests.benchmarks.table import BenchRow


def measure() -> list[BenchRow]:
    return [*million_rows.measure(), *near_duplicates.measure()]
