"""What a path holds, told from its content and not from its name."""

import json
import zipfile
from itertools import islice
from pathlib import Path

from engine.catalog.model_files import PICKLES
from engine.protocol.data_files import is_data_name, is_document_name
from engine.protocol.worker_messages import Recognised
from engine.store.hashing import ADAPTER_CONFIG

SNIFF = 65_536
MOST_ENTRIES = 10_000  # of a folder that are looked at
TABLES = (b"PAR1", b"ARROW1", b"\x1f\x8b")  # Parquet, Arrow, gzip
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
    if path.suffix.lower() in PICKLES or beginning[:2] in (b"\x80\x02", b"\x80\x04"):
        return Recognised("", f"{path.name} is a pickle, which is not opened.")
    if is_document_name(path.name) and beginning.strip():
        return Recognised("dataset")
    if beginning.startswith(b"PK"):
        return _archive(path)
    if beginning.startswith(TABLES) or path.suffix.lower() in (".arrow", ".parquet"):
        return Recognised("dataset")
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
    if any(is_data_name(each.name) for each in islice(path.rglob("*"), MOST_ENTRIES)):
        return Recognised("dataset")
    return Recognised("", f"{path.name} holds no model, no adapter and no dataset.")


def _archive(path: Path) -> Recognised:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return Recognised("", f"{path.name} is no readable zip file.")
    if any(name.endswith("data.pkl") for name in names):
        return Recognised("", f"{path.name} is a pickle, which is not opened.")
    if any(is_data_name(name) for name in names):
        return Recognised("dataset")
    return Recognised("", f"{path.name} holds no data file.")


def _text_file(path: Path, beginning: bytes) -> Recognised:
    if not beginning.strip():
        return Recognised("", f"{path.name} is empty.")
    marked = beginning.startswith(BYTE_ORDER_MARKS)
    if not marked and beginning.count(0) > len(beginning) // 3:
        marked = True  # UTF-16 without its mark: every other byte of plain text is zero
    if not marked and 0 in beginning and not is_data_name(path.name):
        return Recognised("", f"{path.name} is not text.")
    if is_data_name(path.name) or beginning.lstrip()[:1] in (b"{", b"["):
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
