"""Runs a real inspect worker on one task and gives back what it said."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from engine.protocol.worker_messages import Done, Failed, Progress, WorkerMessage


def run_inspect(folder: Path, task: Struct, *, timeout_s: float = 120) -> list[WorkerMessage]:
    """Every message of `python -m engine.workers.inspect` on that task, in order."""
    folder.mkdir(parents=True)
    (folder / "task.json").write_bytes(msgspec.json.encode(task))
    process = subprocess.Popen(
        [sys.executable, "-m", "engine.workers.inspect", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with process:  # its stdin stays open: end-of-file would tell it to leave
        try:
            output = process.stdout.read()
            process.wait(timeout_s)
        finally:
            process.kill()
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(WorkerMessage)
    return [decoder.decode(line) for line in output.splitlines()]


def result_of(messages: list[WorkerMessage], kind: Any) -> Any:
    """The record in the final Done; fails with the worker's problem when it failed."""
    last = messages[-1]
    assert isinstance(last, Done), last
    assert all(isinstance(each, Progress) for each in messages[:-1])
    return msgspec.json.decode(last.result, type=kind)


def problem_of(messages: list[WorkerMessage]) -> Any:
    last = messages[-1]
    assert isinstance(last, Failed), last
    return last.problem
