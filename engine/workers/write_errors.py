"""What torch and safetensors raise when a write fails, as the OSError that it was."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

PROBE = b"\0" * 65536


@contextmanager
def as_os_errors(folder: Path) -> Iterator[None]:
    """Around writes into `folder`: any that fails raises OSError with its number.

    safetensors writes the number into its text. torch's archive writer forgets it
    ("inline_container.cc … unexpected pos"): the same write is tried again without torch.
    """
    try:
        yield
    except SafetensorError as error:
        found = re.search(r"os error (\d+)", str(error))
        if found is None:
            raise
        number = int(found[1])
        raise OSError(number, os.strerror(number)) from error
    except RuntimeError as error:
        if "inline_container" not in str(error) and "PytorchStreamWriter" not in str(error):
            raise
        _write_more(folder)
        raise OSError(errno.EIO, os.strerror(errno.EIO)) from error


def _write_more(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("ab", buffering=0) as file:
            file.write(PROBE)
            os.fsync(file.fileno())
