"""The engine: start to first answer, and memory while nobody asks for anything."""

import contextlib
import http.client
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from engine.protocol.engine_file import EngineFile, engine_command, read_engine_file
from tests.benchmarks.table import BenchRow

GROUP = "engine"
STARTS = 7
START_BAR_S = 1.5
MEMORY_BAR_BYTES = 80e6
GIVE_UP_S = 30.0
SETTLE_S = 3.0


def measure() -> list[BenchRow]:
    starts, resident = [], []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder, _engine(Path(folder)) as (process, seconds):
            starts.append(seconds)
            time.sleep(SETTLE_S)  # a benchmark's pause: what is measured is rest
            resident.append(psutil.Process(process.pid).memory_info().rss)
    start_s, memory = statistics.median(starts), statistics.median(resident)
    return [
        BenchRow(
            group=GROUP,
            what="engine: start to first answer",
            figure=f"{start_s:.2f} s",
            bar=f"under {START_BAR_S} s",
            holds=start_s < START_BAR_S,
        ),
        BenchRow(
            group=GROUP,
            what="engine: resident memory, idle",
            figure=f"{memory / 1e6:.0f} MB",
            bar=f"under {MEMORY_BAR_BYTES / 1e6:.0f} MB",
            holds=memory < MEMORY_BAR_BYTES,
        ),
    ]


@contextlib.contextmanager
def _engine(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A running engine and the seconds from its start to its first answer."""
    started = time.perf_counter()
    process = subprocess.Popen(engine_command(home), start_new_session=True)
    try:
        while not _answers(read_engine_file(home)):
            assert time.perf_counter() - started < GIVE_UP_S, "the engine does not answer"
            assert process.poll() is None, "the engine left"
            time.sleep(0.005)
        yield process, time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _answers(found: EngineFile | None) -> bool:
    if found is None:
        return False
    connection = http.client.HTTPConnection("127.0.0.1", found.port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", "/api/ping", headers={"Authorization": f"Bearer {found.token}"})
        return connection.getresponse().status == 200
    return False
