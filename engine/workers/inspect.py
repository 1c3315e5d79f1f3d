"""The worker that reads foreign files: `python -m engine.workers.inspect JOB_FOLDER`."""

import _thread
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from engine.protocol.offline import go_offline
from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel
from engine.protocol.tasks import (
    AddModelTask,
    CountTokensTask,
    EditDatasetTask,
    ExamineDatasetTask,
    ExportDatasetTask,
    ImportAdapterTask,
    ImportDatasetTask,
    MixDatasetsTask,
    PrepareBaseTask,
    ServeInspect,
)
from engine.protocol.worker_messages import (
    Cancel,
    Done,
    Finish,
    Inspect,
    Pause,
    Progress,
)
from engine.workers.channel import Channel, run_worker

Task = (
    PrepareBaseTask
    | AddModelTask
    | ImportAdapterTask
    | ImportDatasetTask
    | EditDatasetTask
    | ExamineDatasetTask
    | ExportDatasetTask
    | MixDatasetsTask
    | CountTokensTask
    | ServeInspect
)
Command = Cancel | Pause | Finish | Inspect
BETWEEN_S = 0.1
LEAVE_WITHIN_S = 1.5


def main(channel: Channel[Command], task_json: bytes) -> None:
    """Do the one task, or answer questions until end-of-file."""
    go_offline()  # what could care is imported later, by the task that needs it
    task: Task = msgspec.json.decode(task_json, type=Task)
    if isinstance(task, ServeInspect):
        from engine.workers.inspect_service import serve

        serve(channel)
        return
    threading.Thread(target=_leave_when_told, args=(channel,), daemon=True).start()
    report = Reporter(channel)
    try:
        result = _result(task, report)
    except KeyboardInterrupt:  # cancelled: what was staged is removed by now
        return
    finally:
        report.close()
    channel.send(Done(Raw(msgspec.json.encode(result))))


def _result(task: Task, report: "Reporter") -> Struct:
    """The record that the task's docstring names. Each case imports only what it needs."""
    match task:
        case PrepareBaseTask():
            from engine.workers.built_in import prepare_built_in

            return prepare_built_in(task, report)
        case AddModelTask():
            return _add_model(task, report)
        case ImportAdapterTask():
            from engine.workers.adapter_import import import_adapter

            return import_adapter(task)
        case ImportDatasetTask():
            from engine.workers.dataset_import import run_import

            return run_import(task, report)
        case EditDatasetTask() | ExamineDatasetTask() | ExportDatasetTask() | MixDatasetsTask():
            from engine.workers.dataset_work import work_on

            return work_on(task, report)
        case CountTokensTask():
            from engine.workers.tokens import count_tokens

            return count_tokens(task, report)
    raise AssertionError(task)


def _add_model(task: AddModelTask, report: "Reporter") -> BaseModel:
    path = Path(task.path)
    if path.is_file():
        from engine.workers.gguf_model import Conversion, convert_gguf

        name = task.name or path.stem
        return convert_gguf(Conversion(task.id, name, gguf=path, target=Path(task.target)), report)
    from engine.catalog.scan import scan_model
    from engine.workers.tokens import load_tokenizer

    if not path.is_dir():
        raise Refused("models.missing", f"There is nothing at {path}.", "Check the path.")
    model = scan_model(
        path,
        identity=task.id,
        name=task.name or path.name,
        source="folder",
        progress=lambda share: report(0.8 * share, "Taking the fingerprint"),
    )
    report(0.8, "Trying the tokenizer")
    load_tokenizer(path)
    return model


class Reporter:
    """Sends progress at most ten times a second, never backwards, and never loses the newest."""

    def __init__(self, channel: Channel[Command]) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._sent_at = float("-inf")
        self._newest = Progress(0.0)
        self._unsent = False
        self._timer: threading.Timer | None = None
        self._closed = False

    def __call__(self, share: float, detail: str) -> None:
        with self._lock:
            self._newest = Progress(max(self._newest.progress, min(share, 1.0)), detail)
            self._unsent = True
            wait = self._sent_at + BETWEEN_S - time.monotonic()
            if wait <= 0:
                self._send()
            elif self._timer is None and not self._closed:
                self._timer = threading.Timer(wait, self._flush)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Nothing is sent from here on."""
        with self._lock:
            self._closed = True

    def _flush(self) -> None:
        with self._lock:
            self._timer = None
            self._send()

    def _send(self) -> None:
        if self._unsent and not self._closed:
            self._unsent = False
            self._sent_at = time.monotonic()
            self._channel.send(self._newest)


def _leave_when_told(channel: Channel[Command]) -> None:
    """On Cancel or end-of-file: interrupt the work so that it removes its staging, then leave."""
    while True:
        command = channel.commands.get()
        if command is None or isinstance(command, Cancel):
            break
    _thread.interrupt_main()
    time.sleep(LEAVE_WITHIN_S)
    os._exit(3)


if __name__ == "__main__":
    run: Callable[..., int] = run_worker  # a union is no type to mypy, but is one to msgspec
    sys.exit(run(sys.argv, Command, main))
