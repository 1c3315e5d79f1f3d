"""The numbered log of events, and everyone who follows it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import msgspec

from engine.protocol.events import Event, Restarted

KEPT = 20_000
HEARTBEAT_S = 15.0
ENCODER = msgspec.json.Encoder()


class EventLog:
    """Keeps the newest events, encoded once; `follow` yields SSE frames from a number on."""

    def __init__(self) -> None:
        self.sequence = 0
        self.followers = 0
        self._kept: deque[bytes] = deque(maxlen=KEPT)
        self._news = asyncio.Event()
        self._closed = False

    def publish(self, event: Event) -> None:
        self.sequence += 1
        self._kept.append(b"id: %d\ndata: %b\n\n" % (self.sequence, ENCODER.encode(event)))
        self._news.set()

    def close(self) -> None:
        """End every follower's stream."""
        self._closed = True
        self._news.set()

    async def follow(self, after: int) -> AsyncIterator[bytes]:
        """Frames with a number above `after`, many at a time, and a comment when it is quiet.

        Numbers that are gone, or come from another engine, give one `Restarted` frame: the
        client reads the state again.
        """
        self.followers += 1
        try:
            yield b": connected\n\n"
            while not self._closed:
                if after > self.sequence or after < self.sequence - len(self._kept):
                    yield b"id: %d\ndata: %b\n\n" % (self.sequence, ENCODER.encode(Restarted()))
                    after = self.sequence
                news = self._news
                if after < self.sequence:
                    frames = [*self._kept][after - self.sequence :]
                    after = self.sequence
                    yield b"".join(frames)
                    continue
                try:
                    await asyncio.wait_for(news.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield b": quiet\n\n"
                if news.is_set() and news is self._news:
                    self._news = asyncio.Event()
        finally:
            self.followers -= 1
