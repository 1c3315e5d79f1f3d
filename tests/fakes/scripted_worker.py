"""A serving worker that does what the last message of a request says: echo, die, hang, babble."""

import os
import signal
import sys
from pathlib import Path

import msgspec

from engine.protocol.problems import Refused
from engine.protocol.records import ReplyStamp
from engine.protocol.worker_messages import (
    CancelReply,
    Generate,
    Ready,
    ReplyDelta,
    ReplyDone,
    ServeRequest,
)
from engine.workers.channel import Channel, run_worker


def serve(channel: Channel[ServeRequest], content: bytes) -> None:
    channel.send(Ready(memory_bytes=len(content)))
    while (command := channel.commands.get()) is not None:
        if isinstance(command, CancelReply):
            (channel.folder / "cancelled").write_text(str(command.id))
        elif isinstance(command, Generate):
            obey(channel, command.id, command.messages[-1].content)


def obey(channel: Channel[ServeRequest], number: int, order: str) -> None:
    channel.send(ReplyDelta(number, order))
    match order:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "leave":
            os._exit(5)
        case "refuse":
            raise Refused("fake.refused", "The fake worker refuses.", "Ask a real one.")
        case "babble":
            channel._out.write(b"no JSON\n")
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "echo":
            stamp = ReplyStamp(None, None, "fake", 0.0, 0.0, 0.0, 1, 1, "stop")
            channel.send(ReplyDone(number, f"{order} {os.getpid()}", stamp))


if __name__ == "__main__":
    msgspec.json.decode((Path(sys.argv[1]) / "task.json").read_bytes())
    sys.exit(run_worker(sys.argv, ServeRequest, serve, leaves_with_engine=True))
