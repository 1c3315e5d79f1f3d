"""What to say of a name that is none: the nearest one, and all there are."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches


def hint(name: str, near: Iterable[str], known: str, *, spelled: Callable[[str], str] = str) -> str:
    """ "Did you mean 'leak'? There are: …"; `known` alone when nothing is like it."""
    nearest = get_close_matches(name, [*near], n=1)
    return f"Did you mean '{spelled(nearest[0])}'? {known}" if nearest else known
