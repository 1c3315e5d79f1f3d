"""More than 300 malformed and hostile data files, the same on every run.

python -m tests.fakes.hostile_files FOLDER   writes and imports each; a line of JSON for each file
"""

import gzip
import io
import json
import random
import re
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow
from pyarrow import parquet

from engine.datasets.importing import ImportPlan, import_dataset
from engine.protocol.dataset_specs import AddDataset
from engine.protocol.problems import Refused

GOOD = [{"prompt": f"Question {at}?", "completion": f"Answer {at}."} for at in range(20)]
JSONL = "".join(json.dumps(row) + "\n" for row in GOOD).encode()
CSV = b"prompt,completion\n" + b"".join(
    f'"Question {at}?",Answer {at}.\n'.encode() for at in range(20)
)
LIST = json.dumps(GOOD, indent=1).encode()
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 20


def hostile_files() -> Iterator[tuple[str, bytes]]:
    """Names and contents; a name that begins with `keeps` has good rows which must survive."""
    yield from _damaged("jsonl", JSONL)
    yield from _damaged("csv", CSV)
    yield from _damaged("json", LIST)
    yield from _damaged("parquet", _parquet())
    yield from _damaged("zip", _zip())
    yield from _damaged("jsonl.gz", gzip.compress(JSONL, mtime=0))
    yield from _lines()
    yield from _values()
    yield from _tables()
    yield from _others()


def _damaged(kind: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Cut, overwritten and mixed at places that chance takes, with a fixed seed."""
    chance = random.Random(kind)
    for at in range(24):
        cut = chance.randrange(1, len(content))
        yield f"cut-{at}.{kind}", content[:cut]
        broken = bytearray(content)
        for _ in range(1 + at):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        yield f"bytes-{at}.{kind}", bytes(broken)
    yield f"renamed.{kind}", PNG
    yield f"noise.{kind}", chance.randbytes(50_000)
    yield f"nul.{kind}", b"\0" * 10_000
    yield f"spaces.{kind}", b" \n\t\r\n" * 1000
    yield f"one.{kind}", b"x"


def _lines() -> Iterator[tuple[str, bytes]]:
    bad = {
        "nul": b'{"prompt": "a\0b", "completion": "c"}',
        "half": b'{"prompt": "a", "compl',
        "surrogate": b'{"prompt": "\\ud800", "completion": "c"}',
        "latin": b'{"prompt": "caf\xe9", "completion": "c"}',
        "nan": b'{"prompt": NaN, "completion": Infinity}',
        "twice": b'{"prompt": "a", "prompt": "b", "completion": "c"}',
        "number": b"17",
        "text": b'"words"',
        "null": b"null",
        "list": b"[1, 2, 3]",
        "deep-list": b"[" * 100_000 + b"]" * 100_000,
        "deep-object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "no-answer": b'{"prompt": "a", "completion": ""}',
        "types": b'{"prompt": {"a": [1]}, "completion": [true, null]}',
        "big-number": b'{"prompt": "a", "completion": ' + b"9" * 10_000 + b"}",
        "mark": b'\xef\xbb\xbf{"prompt": "a", "completion": "b"}',
        "comma": b'{"prompt": "a", "completion": "b"},',
        "single": b"{'prompt': 'a', 'completion': 'b'}",
        "comment": b"// a comment",
    }
    for name, line in bad.items():
        yield f"keeps-first-{name}.jsonl", line + b"\n" + JSONL
        yield f"keeps-middle-{name}.jsonl", JSONL + line + b"\n" + JSONL
        yield f"keeps-last-{name}.jsonl", JSONL + line
    yield "keeps-200-mb-line.jsonl", JSONL + b'{"prompt": "' + b"x" * 200_000_000 + b'"}\n' + JSONL


def _values() -> Iterator[tuple[str, bytes]]:
    yield "deep.json", b"[" * 100_000
    yield "deep-object.json", b'{"a":' * 100_000
    yield "wide.json", json.dumps([{f"c{at}": at for at in range(10_001)}]).encode()
    yield "keeps-wide.jsonl", JSONL + json.dumps({f"c{at}": 1 for at in range(10_001)}).encode()
    yield "keeps-utf16.jsonl", JSONL.decode().encode("utf-16")
    yield "keeps-utf32.jsonl", JSONL.decode().encode("utf-32")
    yield "keeps-windows.jsonl", JSONL.replace(b"\n", b"\r\n")
    yield "odd-utf16.jsonl", JSONL.decode().encode("utf-16")[:-1]
    yield "keeps-roles.jsonl", JSONL.replace(b"prompt", b"question") + b'{"messages": 3}\n'
    yield "no-roles.jsonl", b'{"messages": [{"content": "a"}, {"content": "b"}]}\n' * 5
    yield "tools.jsonl", b'{"messages": [{"role": "tool", "content": "a"}]}\n' * 5


def _tables() -> Iterator[tuple[str, bytes]]:
    yield "keeps-ragged.csv", CSV + b"a,b,c,d\nonly\n" + CSV[18:]
    yield "keeps-open-quote.csv", CSV + b'"never closed,x\n' + CSV[18:]
    yield "keeps-quote-inside.csv", CSV + b'say "hi",answer\n'
    yield "keeps-long-field.csv", CSV + b'"' + b"y" * 300_000 + b'",answer\n'
    yield "wide.csv", b",".join(b"c%d" % at for at in range(10_001)) + b"\n" + b"1," * 10_000
    yield "same-names.csv", b"prompt,prompt,completion\na,b,c\n" * 3
    yield "quotes.csv", b'"' * 100_001
    yield "commas.csv", b"," * 100_000
    yield "keeps-formula.csv", CSV + b'=cmd|" /C calc"!A0,answer\n'
    table = pyarrow.table({"prompt": pyarrow.array([b"\xff\xfe"] * 5, pyarrow.binary())})
    content = io.BytesIO()
    parquet.write_table(table, content)
    yield "binary.parquet", content.getvalue()


def _others() -> Iterator[tuple[str, bytes]]:
    yield "bomb.jsonl.gz", gzip.compress(b"0" * 100_000_000, 9, mtime=0)
    yield "bomb.zip", _zip(("bomb.jsonl", b" " * 100_000_000))
    yield "nested.zip", _zip(("inner.zip", _zip()))
    yield "keeps-outside.zip", _zip(("../../out.jsonl", JSONL), ("in.jsonl", JSONL))
    yield "many.zip", _zip(*((f"{at}.txt", b"") for at in range(2_000)))
    yield "page.html", b"<p>" * 20_000 + b"deep" + b"</p>" * 20_000
    yield "binary.pdf", b"%PDF-1.4\n" + PNG
    yield "binary.docx", _zip(("word/document.xml", b"<w:document"))


def _parquet() -> bytes:
    content = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(GOOD), content, row_group_size=5)
    return content.getvalue()


def _zip(*members: tuple[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members or (("rows.jsonl", JSONL), ("more.csv", CSV)):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def peak_kb() -> int:
    """Of this process alone: `ru_maxrss` begins with what the process that forked it had."""
    found = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


def main(folder: Path) -> None:
    for number, (name, content) in enumerate(hostile_files()):
        path = folder / name
        path.write_bytes(content)
        plan = ImportPlan("d" * 32, 1, name, path, AddDataset(), folder / "out" / str(number))
        started = time.monotonic()
        told: dict[str, object] = {"name": name}
        try:
            made = import_dataset(plan, lambda share: None)
            told |= {"rows": made.rows, "findings": made.finding_count}
        except Refused as refused:
            told |= {"code": refused.problem.code, "message": refused.problem.message}
        path.unlink()
        told["seconds"] = time.monotonic() - started
        told["peak_kb"] = peak_kb()
        print(json.dumps(told), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
