"""The training worker: `python -m engine.workers.train JOB_FOLDER`, for a TrainTask or MeasureTask.

torch is imported late: orders are heard, and what can be refused is refused, before the seconds
that its import takes.
"""

import sys
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from engine.datasets.row_file import ROWS_FILE
from engine.datasets.row_writer import content_hash
from engine.protocol.offline import go_offline
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, Dataset
from engine.protocol.tasks import KeepCheckpointTask, MeasureTask, TrainTask
from engine.protocol.worker_messages import Done, JobCommand, Progress, Stopped
from engine.workers.channel import Channel, run_worker
from engine.workers.checkpoints import Checkpoints, metrics_of
from engine.workers.memory_errors import as_memory_errors
from engine.workers.orders import Orders


def main(channel: Channel[JobCommand], task_json: bytes) -> None:
    task = msgspec.json.decode(task_json, type=TrainTask | MeasureTask | KeepCheckpointTask)
    orders = Orders(channel)
    if isinstance(task, KeepCheckpointTask):
        _done(channel, _keep(task.run))
        return
    _refuse_changed(task.dataset)
    channel.send(Progress(0.0, "loading the base model"))
    if isinstance(task, MeasureTask):
        from engine.workers.measure import measure

        with as_memory_errors():
            _done(channel, measure(task, channel.folder))
    else:
        _train(task, channel, orders)


def _train(task: TrainTask, channel: Channel[JobCommand], orders: Orders) -> None:
    checkpoints = Checkpoints.of(task)
    skipped = checkpoints.open()
    if Path(task.target).exists():
        _done(channel, _published(task))
        return
    from engine.workers.training import train

    with as_memory_errors():
        result = train(task, channel, orders, checkpoints=checkpoints, skipped=skipped)
    if isinstance(result, Adapter):
        _done(channel, result)
    else:
        channel.send(Stopped(result))


def _published(task: TrainTask) -> Adapter:
    """What an earlier worker published, who ended before it could say so."""
    from engine.workers.adapter_files import read_passport

    return read_passport(Path(task.target))


def _keep(task: TrainTask) -> Adapter:
    from engine.workers.adapter_files import publish_adapter

    if Path(task.target).exists():
        return _published(task)
    checkpoints = Checkpoints.of(task)
    checkpoints.open()
    chosen = checkpoints.chosen()
    if chosen is None:
        raise Refused("training.no-checkpoint", "This run has no checkpoint yet.", "Resume it.")
    return publish_adapter(task, chosen, metrics_of(chosen))


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


if __name__ == "__main__":
    go_offline()
    sys.exit(run_worker(sys.argv, JobCommand, main))
