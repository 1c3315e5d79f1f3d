"""Which rows are held out: decided by each row's own content."""

import hashlib

import msgspec

from engine.datasets.conversation import Turns


def row_digest(turns: Turns) -> bytes:
    """sha256 of the conversation alone: equal for exact duplicates."""
    return hashlib.sha256(msgspec.json.encode(turns)).digest()


def prompt_digest(turns: Turns) -> bytes:
    """sha256 of everything before the last answer, of raw text as a whole.

    Rows with the same prompt are held out together: their answers would be known otherwise.
    """
    return row_digest(turns[:-1] or turns)


def held_out_fraction(digest: bytes, seed: int) -> float:
    """A number in [0, 1) that depends on the row and the seed only.

    A row is held out when its number lies below the validation share. So a row keeps its side
    when others are added, removed or reordered, the same prompt never lies on both sides, and the
    number of held-out rows is the share only on average. A dataset too small to get any held-out
    row this way holds out the row with the smallest number.
    """
    mixed = hashlib.sha256(digest + seed.to_bytes(8, "little")).digest()
    return int.from_bytes(mixed[:8], "little") / 2**64
