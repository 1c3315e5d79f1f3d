"""Which rows are held out: decided by each row's own content."""

import hashlib
from typing import NamedTuple

import msgspec

from engine.datasets.conversation import Turns


class Digests(NamedTuple):
    """sha256 of what is asked, everything before the last answer, and of the whole conversation.

    Rows with the same prompt are held out together: their answers would be known otherwise. Raw
    text is its own prompt.
    """

    prompt: bytes
    row: bytes


def digests_of(turns: Turns) -> Digests:
    prompt = hashlib.sha256(msgspec.json.encode(turns[:-1]))
    row = prompt.copy()
    row.update(msgspec.json.encode(turns[-1]))
    return Digests((prompt if len(turns) > 1 else row).digest(), row.digest())


def held_out_fraction(digest: bytes, seed: int) -> float:
    """A number in [0, 1) that depends on the row and the seed only.

    A row is held out when its number lies below the validation share. So a row keeps its side
    when others are added, removed or reordered, the same prompt never lies on both sides, and the
    number of held-out rows is the share only on average. A dataset too small to get any held-out
    row this way holds out the row with the smallest number.
    """
    mixed = hashlib.sha256(digest + seed.to_bytes(8, "little")).digest()
    return int.from_bytes(mixed[:8], "little") / 2**64
