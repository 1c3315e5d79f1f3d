"""What torch raises when memory runs out, as the MemoryError that it is, with numbers."""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from engine.protocol.problems import Refused
from engine.protocol.tasks import OUT_OF_MEMORY
from engine.store.disk import megabytes

SAID_BY_TORCH = ("not enough memory", "can't allocate memory", "out of memory")


@contextmanager
def as_memory_errors() -> Iterator[None]:
    """torch reports the lack of memory as a RuntimeError with one of these words."""
    try:
        yield
    except RuntimeError as error:
        text = str(error)
        if any(words in text for words in SAID_BY_TORCH):
            raise MemoryError(text) from error
        raise


def out_of_memory(step: int) -> Refused:
    """The refusal of a step that did not fit; the engine may try it with a smaller micro-batch."""
    held = megabytes(psutil.Process().memory_info().rss)
    free = megabytes(psutil.virtual_memory().available)
    return Refused(
        OUT_OF_MEMORY,
        f"Out of memory at step {step}: the training held {held}, {free} were free.",
        "Close other programs or choose a smaller maximum length.",
    )
