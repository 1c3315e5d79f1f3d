"""Small JSON files of models and adapters, read with limits."""

import json
from pathlib import Path
from typing import Any

from engine.protocol.problems import Refused

LIMIT = 8_000_000  # bytes; a config is a few kilobytes, the index of a large model some hundred


def read_json_object(path: Path, *, limit: int = LIMIT) -> dict[str, Any]:
    """The object in that file.

    Raises Refused when the file is missing, larger than `limit` bytes or holds no JSON object.
    """
    try:
        if path.stat().st_size > limit:
            raise _unreadable(path, f"it is larger than {limit // 1_000_000} MB")
        value = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise _unreadable(path, error.strerror or "it cannot be opened") from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, f"it is not valid JSON ({error})") from error
    if not isinstance(value, dict):
        raise _unreadable(path, "it holds no JSON object")
    return value


def _unreadable(path: Path, why: str) -> Refused:
    return Refused(
        "models.unreadable-json",
        f"{path.name} cannot be read: {why}.",
        "Copy or download the file again.",
    )
