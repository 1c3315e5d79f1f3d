"""Opens a text file of unknown encoding."""

import codecs
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from engine.datasets.findings import Findings
from engine.protocol.data_files import is_document_name
from engine.protocol.problems import Refused

CHUNK = 1 << 20
CONTROLS = bytes({*range(32), 127} - {*b"\t\n\r\f\v\x1b"})
BRIEF = 4 * CHUNK  # bytes that tell the encoding well enough for a preview
COLUMN_LIMIT = 10_000
LINE_LIMIT = 64 * CHUNK  # characters
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
TABLES = (b"PAR1", b"ARROW1", b"\xff\xff\xff\xff")  # Parquet, Arrow file, stream
SHOWN = {
    "utf-8-sig": "utf-8",
    "utf-16-le": "utf-16",
    "utf-16-be": "utf-16",
    "cp1252": "windows-1252",
}


class Record(Struct, frozen=True, gc=False):
    """One row of a source file before it is understood."""

    line: int  # where it begins, from 1
    cells: dict[str, object]


class Source(Struct, frozen=True):
    """A file with its encoding. Reading never fails on wrong bytes: they become surrogates."""

    path: Path
    encoding: str  # Python's name; empty for tables in a binary form
    name: str  # to show: relative to what was brought
    split: str = ""  # that the name tells

    @property
    def shown_encoding(self) -> str:
        return SHOWN.get(self.encoding, self.encoding) or "binary"

    def open(self, *, newline: str | None = None) -> io.TextIOWrapper:
        wide = self.encoding.startswith(("utf-16", "utf-32"))
        return self.path.open(
            encoding=self.encoding,
            errors="replace" if wide else "surrogateescape",
            newline=newline,
        )


Progress = Callable[[float], None]  # the share of the file that is read, 0 to 1


def find_source(path: Path, *, name: str = "", split: str = "", brief: bool = False) -> Source:
    """The file with its encoding; a table in a binary form has none. `brief` looks at less of it.

    Raises Refused when it is neither a table nor text: a picture, say.
    """
    name = name or path.name
    with path.open("rb") as file:
        beginning = file.read(4096)
    encoding = _encoding(path, beginning, brief=brief)
    controls = len(beginning) - len(beginning.translate(None, CONTROLS))
    is_text = encoding not in ("utf-8", "cp1252") or controls <= len(beginning) // 20
    if not is_text and not is_document_name(name):
        raise Refused(
            "datasets.not-text",
            f"{name} is neither text nor a table.",
            "Bring JSON, JSON Lines, CSV, Parquet or Arrow.",
        )
    return Source(path, encoding, name, split)


def _encoding(path: Path, beginning: bytes, *, brief: bool) -> str:
    """A byte order mark, the zeros of UTF-16, UTF-8, else Windows-1252.

    A few broken lines in UTF-8 do not make the whole file Windows-1252; the readers name them.
    """
    if beginning.startswith(TABLES):
        return ""
    for mark, encoding in MARKS:
        if beginning.startswith(mark):
            return encoding
    even, odd = beginning[::2].count(0), beginning[1::2].count(0)
    if max(even, odd) > len(beginning) // 5 and min(even, odd) <= len(beginning) // 50:
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8" if _mostly_utf8(path, brief=brief) else "cp1252"


def _mostly_utf8(path: Path, *, brief: bool) -> bool:
    """Whether more lines with accents are valid UTF-8 than are not; `brief`: at the beginning."""
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while (chunk := file.read(CHUNK)) and not (brief and file.tell() > BRIEF):
            if chunk.isascii() and not decoder.getstate()[0]:
                continue
            try:
                good += not decoder.decode(chunk).isascii()
            except UnicodeDecodeError:
                decoder.reset()
                for line in chunk.split(b"\n"):
                    try:
                        good += not line.decode().isascii()
                    except UnicodeDecodeError:
                        bad += 1
    return bad == 0 or good > bad


def bounded_lines(
    text: io.TextIOWrapper, findings: Findings, progress: Progress
) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1; one that is too long is named and left out."""
    text.seek(0)
    size = os.fstat(text.fileno()).st_size
    number = 0
    while line := text.readline(LINE_LIMIT):
        number += 1
        if len(line) == LINE_LIMIT and not line.endswith("\n"):
            findings.error(
                f"The line is longer than {LINE_LIMIT // CHUNK} million characters", number
            )
            while (rest := text.readline(LINE_LIMIT)) and not rest.endswith("\n"):
                pass
            continue
        if number % 512 == 0:
            progress(os.lseek(text.fileno(), 0, os.SEEK_CUR) / size)
        yield number, line


def is_clean(text: str) -> bool:
    """Whether the text can be written as UTF-8: no undecodable bytes, no half surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def refuse_columns(source: Source, count: int) -> None:
    """Raises Refused when a table has more than `COLUMN_LIMIT` columns."""
    if count > COLUMN_LIMIT:
        raise Refused(
            "datasets.too-many-columns",
            f"{source.name} has {count:,} columns; {COLUMN_LIMIT:,} are the limit.",
            "Check that the file is a table with one example per row.",
        )


def brief(error: Exception) -> str:
    """What a parser says, on one line and without its full stop."""
    return (str(error) or type(error).__name__).splitlines()[0][:200].rstrip(".")
