"""A worker that does what its task's name says, word by word, through the real channel.

progress            report half of the work
metrics             one training step of loss 2.0 and its checkpoint
print               write to stdout like a careless library
done                hand in a base model, or an adapter for a training
fail                refuse
die                 end by SIGKILL
hang                ignore everything but a kill
wait                stay until a command comes; pause, finish and end-of-file leave properly
"""

import os
import signal
import sys
import threading

import msgspec

from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel, Checkpoint, MetricPoint
from engine.protocol.tasks import AddModelTask, Task, TrainTask
from engine.protocol.worker_messages import (
    Cancel,
    CheckpointSaved,
    Done,
    JobCommand,
    Metrics,
    Progress,
    RunStarted,
    Stopped,
)
from engine.workers.channel import Channel, run_worker


def main(channel: Channel[JobCommand], text: bytes) -> None:
    task = msgspec.json.decode(text, type=Task)
    assert isinstance(task, AddModelTask | TrainTask)
    script = task.name if isinstance(task, AddModelTask) else task.run.name
    for word in script.split():
        act(word, channel, task)


def act(word: str, channel: Channel[JobCommand], task: AddModelTask | TrainTask) -> None:
    match word:
        case "progress":
            channel.send(Progress(0.5, "half", 10.0))
        case "metrics":
            channel.send(RunStarted(2))
            channel.send(Metrics((MetricPoint(1, 0.5, 2.0, 1.5),)))
            channel.send(CheckpointSaved(Checkpoint(1, "checkpoint-1", 1.5), (1,)))
        case "print":
            sys.stdout.write('{"type": "Done", "result": 1}\n')
            sys.stdout.flush()
        case "done":
            channel.send(Done(msgspec.Raw(msgspec.json.encode(result(task)))))
        case "fail":
            raise Refused("fake.refused", "It was asked to refuse.", "Ask for something else.")
        case "babble":
            channel.send(BaseModel("no", "message", "at all", "folder"))
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            threading.Event().wait()
        case "wait":
            command = channel.commands.get()
            if isinstance(command, Cancel):
                sys.exit(0)
            channel.send(Stopped(1))


def result(task: AddModelTask | TrainTask) -> BaseModel | Adapter:
    if isinstance(task, AddModelTask):
        return BaseModel(task.id, "a model", task.path, "folder", fingerprint="f")
    return Adapter(task.adapter_id, "an adapter", task.adapter_version, task.target, "h", rank=8)


if __name__ == "__main__":
    sys.exit(run_worker(sys.argv, JobCommand, main))
