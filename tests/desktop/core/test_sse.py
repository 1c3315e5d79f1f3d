from itertools import pairwise
from time import thread_time

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.engine_client import EngineClient
from desktop.core.sse import SseEvent, SseParser
from engine.protocol.events import ChatDelta
from engine.protocol.problems import Problem
from tests.fakes.engine import TOKEN, FakeEngine

WHOLE = (
    b": hello\n\nid: 7\ndata: one\n\nevent: x\ndata:two\ndata: lines\r\n\r\nid: 9\ndata: last\n\n"
)
EVENTS = [SseEvent("7", b"one"), SseEvent("7", b"two\nlines"), SseEvent("9", b"last")]


@given(st.lists(st.integers(0, len(WHOLE)), max_size=8))
def test_events_come_whole_however_the_bytes_are_cut(cuts: list[int]) -> None:
    parser = SseParser()
    places = [0, *sorted(cuts), len(WHOLE)]
    found: list[SseEvent] = []
    for start, end in pairwise(places):
        found.extend(parser.feed(WHOLE[start:end]))
    assert found == EVENTS


def test_an_event_that_never_ends_is_not_handed_on() -> None:
    assert SseParser().feed(b"data: half") == []


class Gaps:
    """The longest the event loop did not come round, in processor time: other processes aside."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = thread_time()
        self._timer = QTimer(interval=1)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = thread_time()
        self.longest = max(self.longest, now - self._last)
        self._last = now


def test_fifty_thousand_events_do_not_stall_the_window(
    qtbot: QtBot, qapp: QApplication, engine: FakeEngine
) -> None:
    engine.stream("POST", "/api/chat", *[ChatDelta("word ")] * 50_000)
    client = EngineClient()
    client.attach(f"http://127.0.0.1:{engine.port}", TOKEN)
    got = 0
    ended: list[Problem | None] = []

    def count(event: SseEvent) -> None:
        nonlocal got
        got += 1

    client.stream("POST", "/api/chat", {}, on_event=count, ended=ended.append)
    gaps = Gaps()
    qtbot.waitUntil(lambda: bool(ended), timeout=30_000)
    assert ended == [None]
    assert got == 50_000
    assert gaps.longest < 0.1
