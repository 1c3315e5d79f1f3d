"""What a path holds, told from its content and not from its name."""

import json
from pathlib import Path

from engine.catalog.model_files import PICKLES
from engine.protocol.worker_messages import Recognised
from engine.store.hashing import ADAPTER_CONFIG

SNIFF = 65_536
DATA_ENDINGS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def recognise(path: Path) -> Recognised:
    """Model, adapter or dataset; an empty kind comes with the reason, fit to show."""
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        return Recognised("", f"There is nothing at {path}.")
    with path.open("rb") as file:
        beginning = file.read(SNIFF)
    if beginning[:4] == b"GGUF":
        return Recognised("model")
    if path.suffix.lower() in PICKLES or beginning[:2] in (b"PK", b"\x80\x02", b"\x80\x04"):
        return Recognised("", f"{path.name} is a pickle or an archive, which is not opened.")
    if _is_safetensors(beginning):
        return Recognised("", f"{path.name} is weights alone; choose the folder that holds it.")
    return _text_file(path, beginning)


def _folder(path: Path) -> Recognised:
    if (path / ADAPTER_CONFIG).is_file():
        return Recognised("adapter")
    if (path / "config.json").is_file():
        return Recognised("model")
    names = sorted(each.name for each in path.iterdir() if each.is_file())
    gguf = [name for name in names if name.lower().endswith(".gguf")]
    if gguf:
        return Recognised("", f"{path.name} holds {gguf[0]}; choose that file.")
    data = [name for name in names if name.lower().endswith(DATA_ENDINGS)]
    if data:
        return Recognised("", f"{path.name} holds {data[0]}; choose that file.")
    return Recognised("", f"{path.name} holds no model, no adapter and no dataset.")


def _text_file(path: Path, beginning: bytes) -> Recognised:
    if not beginning.strip():
        return Recognised("", f"{path.name} is empty.")
    marked = beginning.startswith(BYTE_ORDER_MARKS)
    if not marked and beginning.count(0) > len(beginning) // 3:
        marked = True  # UTF-16 without its mark: every other byte of plain text is zero
    if not marked and 0 in beginning and path.suffix.lower() not in DATA_ENDINGS:
        return Recognised("", f"{path.name} is not text.")
    if path.suffix.lower() in DATA_ENDINGS or beginning.lstrip()[:1] in (b"{", b"["):
        return Recognised("dataset")
    first = beginning.splitlines()[0]
    if any(mark in first for mark in (b",", b"\t", b";")) and beginning.count(b"\n") > 1:
        return Recognised("dataset")
    return Recognised("", f"{path.name} is neither JSON, JSON Lines nor CSV.")


def _is_safetensors(beginning: bytes) -> bool:
    length = int.from_bytes(beginning[:8], "little")
    if length < 2 or beginning[8:9] != b"{":
        return False
    try:
        return length > len(beginning) - 8 or isinstance(
            json.loads(beginning[8 : 8 + length]), dict
        )
    except (ValueError, RecursionError):
        return False
