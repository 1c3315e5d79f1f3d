"""Libraries that read foreign files complain in their own ways; here it becomes a refusal."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from engine.protocol.problems import Refused

log = logging.getLogger(__name__)
COMPLAINTS = (
    OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, ImportError,
    RuntimeError, NotImplementedError, RecursionError, AssertionError,
)  # fmt: skip


@contextmanager
def refusing(code: str, message: str, hint: str) -> Iterator[None]:
    """Turn a library's complaint about a foreign file into Refused; its words go to the log.

    tokenizers and safetensors are written in Rust and raise bare Exception for a bad file, and
    a PanicException beyond that for one that surprises them.
    """
    try:
        yield
    except Refused:
        raise
    except BaseException as error:
        complaint = type(error) is Exception or isinstance(error, COMPLAINTS)
        if not complaint and type(error).__name__ != "PanicException":
            raise
        log.exception("A library refused a foreign file")
        words = " ".join(str(error).split())[:200] or type(error).__name__
        raise Refused(code, f"{message}: {words.rstrip('.')}.", hint) from error
