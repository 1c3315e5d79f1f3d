"""A million rows: read, checked and counted, beside `datasets.load_dataset`; and in the window.

    python -m tests.benchmarks.million_rows FILE

is a process that is measured whole, its start included; so is `load_dataset.py`, by a Python of
its own: what the peer needs has no place beside the application.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.sentences import sample_rows
from tests.benchmarks.table import BenchRow

GROUP = "datasets"
PEER = Path("build/peer/bin/python")
ROWS = 1_000_000
TIMES = 3
MEMORY_BAR_BYTES = 1.5e9
FIRST_BAR_S, SCROLL_BAR_S, GAP_BAR_S = 1.0, 0.05, 0.1
SAMPLE_EVERY_S = 0.1  # often would take time from what is measured
GIVE_UP_S = 120.0


def measure() -> list[BenchRow]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "million.jsonl"
        write_rows(file)
        rows = [*_reading(file)]
        return [*rows, *_window(file)]


def write_rows(file: Path) -> None:
    """About 400 MB of prompts and completions; one row in a thousand is there before."""
    texts = [json.dumps(row.text)[1:-1] for row in sample_rows(20_000)]
    with file.open("w", encoding="utf-8") as out:
        for number in range(ROWS):
            at = number - 500 if number % 1000 == 999 else number
            prompt = f"{texts[at % 20_000]} Question {at}."
            answer = f"{texts[at * 13 % 20_000][:40]} {at % 977}"
            out.write(f'{{"prompt": "{prompt}", "completion": "{answer}"}}\n')


def _reading(file: Path) -> list[BenchRow]:
    """Ours and theirs in turn, each in a process of its own."""
    if not PEER.exists():
        why = "the peer is not installed; `make bench` does that"
        return [BenchRow(group=GROUP, what="datasets: reading", figure=why, bar="", holds=False)]
    ours, theirs, peaks = [], [], []
    for _ in range(TIMES):
        seconds, _ = _measured([str(PEER), "-I", "tests/benchmarks/load_dataset.py"], file)
        theirs.append(seconds)
        seconds, peak = _measured([sys.executable, "-m", "tests.benchmarks.million_rows"], file)
        ours.append(seconds)
        peaks.append(peak)
    mine, other, peak = statistics.median(ours), statistics.median(theirs), max(peaks)
    size = file.stat().st_size / 1e6
    return [
        BenchRow(
            group=GROUP,
            what=f"datasets: {ROWS:,} rows ({size:.0f} MB) read and checked, beside load_dataset",
            figure=f"{other / mine:.2f}x ({mine:.1f} s to {other:.1f} s)",
            bar="at least 1x",
            holds=mine <= other,
        ),
        BenchRow(
            group=GROUP,
            what="datasets: peak memory of that reading",
            figure=f"{peak / 1e6:.0f} MB",
            bar=f"under {MEMORY_BAR_BYTES / 1e6:,.0f} MB",
            holds=peak < MEMORY_BAR_BYTES,
        ),
    ]


def _measured(command: list[str], file: Path) -> tuple[float, int]:
    """Seconds of a whole process, and the most memory that it and its own were seen at."""
    started = time.perf_counter()
    process = psutil.Popen(
        [*command, str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            family = [process, *process.children(recursive=True)]
            peak = max(peak, sum(each.memory_info().rss for each in family))
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(SAMPLE_EVERY_S)
    assert process.wait() == 0, f"{command} failed"
    return time.perf_counter() - started, peak


def _window(file: Path) -> list[BenchRow]:
    """A real window and engine: the file is dropped, then scrolled through."""
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    offscreen = {} if shown else {"QT_QPA_PLATFORM": "offscreen"}
    told: list[dict[str, Any]] = []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.million_window", home, str(file)],
                env={**os.environ, **offscreen}, capture_output=True, text=True,
                timeout=GIVE_UP_S, check=True,
            )  # fmt: skip
            told.append(json.loads(done.stdout.splitlines()[-1]))
    middle = {key: statistics.median(each[key] for each in told) for key in told[0]}
    bars = (
        ("first_s", f"first rows of {ROWS:,} on the screen after the drop", FIRST_BAR_S),
        ("scroll_s", "a jump to any row, while all rows are examined", SCROLL_BAR_S),
        ("gap_s", "longest gap of the window's event loop meanwhile", GAP_BAR_S),
    )
    slowest = f", the slowest of 50 {middle['slowest_s'] * 1000:.0f} ms"
    rows = [
        BenchRow(
            group=GROUP,
            what=f"datasets: {what}",
            figure=f"{middle[key] * 1000:.0f} ms{slowest if key == 'scroll_s' else ''}",
            bar=f"under {bar * 1000:.0f} ms",
            holds=middle[key] < bar,
        )
        for key, what, bar in bars
    ]
    whole = f"{middle['read_s']:.1f} s"
    return [
        *rows,
        BenchRow(
            group=GROUP, what="datasets: all rows there after the drop", figure=whole, bar="",
            holds=middle["rows"] == ROWS and middle["duplicates"] == ROWS // 1000,
        ),
    ]  # fmt: skip


def _read(file: Path) -> None:
    from engine.datasets.importing import ImportPlan, import_dataset
    from engine.protocol.dataset_specs import AddDataset

    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        wanted = AddDataset(path=str(file))
        plan = ImportPlan(
            "x", 1, name=file.name, path=file, wanted=wanted, target=Path(folder) / "v1"
        )
        made = import_dataset(plan, lambda share: None)
        assert (made.rows, made.finding_counts) == (ROWS, {"duplicate": ROWS // 1000})


if __name__ == "__main__":
    _read(Path(sys.argv[1]))
