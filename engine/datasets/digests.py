"""What tells one example from another: stable numbers of 128 bits."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from xxhash import xxh3_64_intdigest, xxh3_128_intdigest

from engine.datasets.conversation import Turns

LOW = 2**64 - 1


class Digests(NamedTuple):
    """XXH3 of what is asked, everything before the last answer, and of the whole example.

    Rows with the same prompt are held out together: their answers would be known otherwise. Raw
    text is its own prompt.
    """

    prompt: int
    row: int


def digests_of(turns: Turns) -> Digests:
    """Each turn is hashed with a seed made of its role and all that came before it."""
    before = digest = 0
    for role, content in turns:
        before, digest = digest, _next(digest, role, content)
    return Digests(before if len(turns) > 1 else digest, digest)


def plain_digests(prompts: Sequence[str], answers: Sequence[str]) -> tuple[list[int], list[int]]:
    """The prompts' and the rows' digests of many single questions and answers, quickly."""
    asks, replies = role_seed("user"), role_seed("assistant")
    asked = [xxh3_128_intdigest(prompt.encode(), asks) for prompt in prompts]
    rows = [
        xxh3_128_intdigest(answer.encode(), (before ^ replies) & LOW)
        for before, answer in zip(asked, answers, strict=True)
    ]
    return asked, rows


def text_digests(texts: Sequence[str]) -> list[int]:
    """The digests of many rows of raw text."""
    seed = role_seed("text")
    return [xxh3_128_intdigest(text.encode(), seed) for text in texts]


def cell_digest(text: str) -> int:
    """Of one value, such as a group's."""
    return xxh3_128_intdigest(text.encode(), role_seed("cell"))


def _next(before: int, role: str, content: str) -> int:
    return xxh3_128_intdigest(content.encode(), (before ^ role_seed(role)) & LOW)


@lru_cache(maxsize=64)
def role_seed(role: str) -> int:
    return xxh3_64_intdigest(role.encode())


def held_out_fractions(digests: Sequence[int], seed: int) -> list[float]:
    """Numbers in [0, 1) that depend on the digests and the seed only.

    The lower half of a digest times an odd number made of the seed, of which the upper bits count
    (multiplicative hashing; Knuth, The Art of Computer Programming, volume 3, 6.4).
    """
    factor = xxh3_64_intdigest(seed.to_bytes(8, "little")) | 1
    return [((digest & LOW) * factor & LOW) / 2**64 for digest in digests]
