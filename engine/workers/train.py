"""The training worker: `python -m engine.workers.train JOB_FOLDER`, for a TrainTask or MeasureTask.

torch is imported late: orders are heard, and what can be refused is refused, before the seconds
that its import takes.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from engine.datasets.row_file import ROWS_FILE
from engine.datasets.row_writer import content_hash
from engine.protocol.offline import go_offline
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, Dataset
from engine.protocol.tasks import MeasureTask, TrainTask
from engine.protocol.worker_messages import Done, JobCommand, Progress, Stopped
from engine.workers.channel import Channel, run_worker
from engine.workers.checkpoints import Checkpoints, origin_of
from engine.workers.orders import Orders


def main(channel: Channel[JobCommand], task_json: bytes) -> None:
    task = msgspec.json.decode(task_json, type=TrainTask | MeasureTask)
    orders = Orders(channel)
    _refuse_changed(task.dataset)
    channel.send(Progress(0.0, "loading the base model"))
    if isinstance(task, MeasureTask):
        from engine.workers.measure import measure

        with _memory_errors():
            _done(channel, measure(task, channel.folder))
    else:
        _train(task, channel, orders)


def _train(task: TrainTask, channel: Channel[JobCommand], orders: Orders) -> None:
    checkpoints = Checkpoints(task.run.path, origin_of(task))
    skipped = checkpoints.open()
    if Path(task.target).exists():  # an earlier worker ended between publishing and saying so
        from engine.workers.adapter_files import read_passport

        _done(channel, read_passport(Path(task.target)))
        return
    from engine.workers.training import train

    with _memory_errors():
        result = train(task, channel, orders, checkpoints=checkpoints, skipped=skipped)
    if isinstance(result, Adapter):
        _done(channel, result)
    else:
        channel.send(Stopped(result))


def _done(channel: Channel[JobCommand], result: Struct) -> None:
    channel.send(Done(Raw(msgspec.json.encode(result))))


def _refuse_changed(dataset: Dataset) -> None:
    folder = Path(dataset.path)
    if not (folder / ROWS_FILE).is_file() or content_hash(folder) != dataset.sha256:
        raise Refused(
            "dataset.changed",
            f"The rows of {dataset.name} v{dataset.version} are missing or have changed.",
            "Import the dataset again.",
        )


@contextmanager
def _memory_errors() -> Iterator[None]:
    """torch reports the lack of memory as a RuntimeError with these words."""
    try:
        yield
    except RuntimeError as error:
        text = str(error)
        if (
            "not enough memory" in text
            or "can't allocate memory" in text
            or "out of memory" in text
        ):
            raise MemoryError(text) from error
        raise


if __name__ == "__main__":
    go_offline()
    sys.exit(run_worker(sys.argv, JobCommand, main))
