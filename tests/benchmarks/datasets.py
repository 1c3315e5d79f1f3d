"""Datasets: what is looked for in rows before anything is trained on them."""

from tests.benchmarks import near_duplicates
from tests.benchmarks.table import BenchRow


def measure() -> list[BenchRow]:
    return near_duplicates.measure()
