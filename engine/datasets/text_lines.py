"""A block of whole lines, decoded at once where every line is an object of texts."""

from collections.abc import Sequence

import msgspec

from engine.datasets.row_writer import line_count

DECODER = msgspec.json.Decoder(dict[str, str])
Decoded = tuple[Sequence[int], list[dict[str, str]]]  # the lines, and a row for each


def decoded_lines(number: int, content: bytes) -> Decoded | None:
    """The rows of the lines from that number on; None where a line is something else."""
    try:
        rows = DECODER.decode_lines(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    count = line_count(content)
    if len(rows) == count:
        return range(number, number + count), rows
    filled = [number + at for at, line in enumerate(content.split(b"\n")) if line.strip()]
    return (filled, rows) if len(rows) == len(filled) else None
