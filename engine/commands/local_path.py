"""Paths that a person types."""

import re
from pathlib import Path

from engine.protocol.problems import Refused

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def local_path(text: str) -> Path:
    """The absolute path of something that is on this disk. Raises Refused otherwise."""
    path = absolute_path(text)
    if not path.exists():
        raise Refused("path.missing", f"There is nothing at '{path}'.", "Check the path.")
    return path


def absolute_path(text: str) -> Path:
    """The absolute path, whether something is there or not. Raises Refused for an address."""
    if URL.match(text):
        raise Refused(
            "path.url",
            f"'{text}' is an address, and Adapter Studio works offline.",
            "Download it with a tool of your choice and name the file or folder on this disk.",
        )
    return Path(text).expanduser().absolute()
