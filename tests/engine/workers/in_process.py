"""A training inside the test's own process: the same code without a process for each case."""

import queue
from pathlib import Path
from typing import TypeVar, cast

from msgspec import Struct
from msgspec.structs import replace

from engine.protocol.records import Adapter, MetricPoint
from engine.protocol.tasks import TrainTask
from engine.protocol.worker_messages import JobCommand, Metrics
from engine.workers.channel import Channel
from engine.workers.checkpoints import Checkpoints
from engine.workers.orders import Orders
from engine.workers.training import train

Message = TypeVar("Message", bound=Struct)


class Recorder:
    """The two things a job asks of its channel; `commands` fall due at the message they follow."""

    def __init__(self, after: dict[type[Struct], JobCommand | None] | None = None) -> None:
        self.commands: queue.SimpleQueue[JobCommand | None] = queue.SimpleQueue()
        self.sent: list[Struct] = []
        self.orders: Orders | None = None
        self._after = dict(after or {})

    def send(self, message: Struct) -> None:
        self.sent.append(message)
        if type(message) in self._after:
            self.commands.put(self._after.pop(type(message)))
            assert self.orders is not None
            assert self.orders.heard.wait(5)

    def of(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.sent if isinstance(message, kind)]

    def points(self) -> list[MetricPoint]:
        return [point for message in self.of(Metrics) for point in message.points]

    def losses(self) -> dict[int, float]:
        return {
            point.step: point.train_loss for point in self.points() if point.train_loss is not None
        }


def run(task: TrainTask, recorder: Recorder | None = None) -> Adapter | int:
    """What the worker's main does with a TrainTask, after its imports."""
    recorder = recorder or Recorder()
    channel = cast(Channel[JobCommand], recorder)
    recorder.orders = Orders(channel)
    checkpoints = Checkpoints.of(task)
    skipped = checkpoints.open()
    return train(task, channel, recorder.orders, checkpoints=checkpoints, skipped=skipped)


def elsewhere(task: TrainTask, home: Path) -> TrainTask:
    """The same training with a run folder and a target of its own."""
    (home / "run").mkdir(parents=True)
    return replace(
        task,
        run=replace(task.run, path=str(home / "run")),
        target=str(home / "adapter"),
    )
