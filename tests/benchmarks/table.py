"""One row of what `make bench` prints and writes."""

from msgspec import Struct


class BenchRow(Struct, frozen=True, kw_only=True):
    """`figure` and `bar` are texts with units; `holds` is the verdict."""

    group: str
    what: str
    figure: str
    bar: str
    holds: bool
