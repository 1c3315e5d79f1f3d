"""Near-duplicates of 100,000 rows: time and memory, and whether the right ones are found.

    python -m tests.benchmarks.near_duplicates ROWS_FILE

is the process that is measured: it prints the pairs and the seconds they took.
"""

import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import psutil
from msgspec import Struct

from engine.datasets.near_duplicates import THRESHOLD, NearDuplicate, near_duplicates
from tests.benchmarks.sentences import SampleRow, sample_rows
from tests.benchmarks.table import BenchRow

GROUP = "datasets"
ROWS = 100_000
TIME_BAR_S, MEMORY_BAR_BYTES = 60.0, 1.5e9
RECALL_BAR, PRECISION_BAR = 0.95, 1.0
CHECKED = 1000  # pairs whose similarity is computed anew
SAMPLE_EVERY_S = 0.01


class Search(Struct, frozen=True):
    """What the measured process found, and in how many seconds."""

    pairs: tuple[NearDuplicate, ...]
    seconds: float


def measure() -> list[BenchRow]:
    rows = sample_rows(ROWS)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.jsonl"
        file.write_bytes(msgspec.json.Encoder().encode_lines(rows))
        search, peak_bytes = _measured(file)
    recall, planted = _recall(rows, search.pairs)
    precision, checked = _precision(rows, search.pairs)
    return [
        BenchRow(
            group=GROUP,
            what=f"datasets: near-duplicates of {ROWS:,} rows",
            figure=f"{search.seconds:.1f} s ({ROWS / search.seconds:,.0f} rows a second)",
            bar=f"under {TIME_BAR_S:.0f} s",
            holds=search.seconds < TIME_BAR_S,
        ),
        BenchRow(
            group=GROUP,
            what="datasets: peak memory of the search for near-duplicates",
            figure=f"{peak_bytes / 1e6:.0f} MB",
            bar=f"under {MEMORY_BAR_BYTES / 1e6:,.0f} MB",
            holds=peak_bytes < MEMORY_BAR_BYTES,
        ),
        BenchRow(
            group=GROUP,
            what=f"datasets: near-duplicates found of {planted:,} planted",
            figure=f"{recall:.2%}",
            bar=f"at least {RECALL_BAR:.0%}",
            holds=recall >= RECALL_BAR,
        ),
        BenchRow(
            group=GROUP,
            what=f"datasets: near-duplicates that are some, of {checked:,} found",
            figure=f"{precision:.2%}",
            bar=f"{PRECISION_BAR:.0%}",
            holds=precision >= PRECISION_BAR,
        ),
    ]


def _measured(file: Path) -> tuple[Search, int]:
    """The search in a process of its own, and the highest resident memory it was seen at."""
    peak_bytes = 0
    command = [sys.executable, "-m", "tests.benchmarks.near_duplicates", str(file)]
    with tempfile.TemporaryFile() as output:
        process = psutil.Popen(command, stdout=output)
        while process.poll() is None:
            peak_bytes = max(peak_bytes, process.memory_info().rss)
            time.sleep(SAMPLE_EVERY_S)
        assert process.wait() == 0, "the search ended early"
        output.seek(0)
        return msgspec.json.decode(output.read(), type=Search), peak_bytes


def _recall(rows: Sequence[SampleRow], pairs: Sequence[NearDuplicate]) -> tuple[float, int]:
    """The share found of the planted rows that are near their source, and how many those are."""
    near, texts = set(), set[str]()
    for row in rows:
        repeats = row.text in texts  # a finding of its own
        texts.add(row.text)
        if row.source and not repeats:
            similarity = _similarity(row.text, rows[row.source - 1].text)
            near |= {row.number} if similarity >= THRESHOLD else set()
    return len(near & {pair.row for pair in pairs}) / len(near), len(near)


def _precision(rows: Sequence[SampleRow], pairs: Sequence[NearDuplicate]) -> tuple[float, int]:
    checked = random.Random(0).sample(pairs, min(CHECKED, len(pairs)))
    right = 0
    for pair in checked:
        text, earlier = rows[pair.row - 1].text, rows[pair.earlier - 1].text
        similarity = _similarity(text, earlier)
        right += text != earlier and similarity >= THRESHOLD and similarity == pair.similarity
    return right / len(checked), len(checked)


def _similarity(one: str, other: str) -> float:
    """The definition, written without the engine's code; right for these plain texts."""
    sets = []
    for text in (one, other):
        words = re.findall(r"[a-z0-9]+", text.lower())
        sets.append(set(zip(words, words[1:], words[2:], strict=False)))
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def _texts(file: Path) -> Iterator[tuple[int, str]]:
    decoder = msgspec.json.Decoder(SampleRow)
    with file.open("rb") as lines:
        for line in lines:
            row = decoder.decode(line)
            yield row.number, row.text


def _search(file: Path) -> Search:
    started = time.perf_counter()
    pairs = near_duplicates(_texts(file))
    return Search(tuple(pairs), time.perf_counter() - started)


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_search(Path(sys.argv[1]))))
