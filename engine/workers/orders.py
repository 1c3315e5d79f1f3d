"""What the engine wants of a running job, heard at once and obeyed at the next good moment."""

import logging
import os
import threading
from enum import Enum

from engine.protocol.worker_messages import Cancel, Finish, JobCommand, Stop
from engine.workers.channel import Channel

log = logging.getLogger(__name__)


class Wanted(Enum):
    GO_ON = "go on"
    PAUSE = "pause"
    FINISH = "finish"
    STOP = "stop"


class Orders:
    """Listens in a thread of its own.

    A cancelled worker ends on the spot: nothing on the disk is ever half-written, so there is
    nothing to tidy. Whoever trains looks at `wanted` at the end of each step. End-of-file (the
    engine is gone) is a pause.
    """

    def __init__(self, channel: Channel[JobCommand]) -> None:
        self.wanted = Wanted.GO_ON
        self.heard = threading.Event()
        self._channel = channel
        threading.Thread(target=self._listen, name="orders", daemon=True).start()

    def _listen(self) -> None:
        while True:
            command = self._channel.commands.get()
            log.info("The engine says: %s", command)
            if isinstance(command, Cancel):
                os._exit(0)
            self.wanted = _wanted(command)
            self.heard.set()
            if command is None:
                return


def _wanted(command: JobCommand | None) -> Wanted:
    match command:
        case Finish():
            return Wanted.FINISH
        case Stop():
            return Wanted.STOP
    return Wanted.PAUSE
