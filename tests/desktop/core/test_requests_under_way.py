"""Requests live until they are answered, whoever holds them."""

import gc
from collections.abc import Callable

from pytestqt.qtbot import QtBot

from desktop.core.engine_client import EngineClient
from tests.fakes.engine import TOKEN, FakeEngine


def test_a_request_that_nobody_holds_is_answered_all_the_same(
    qtbot: QtBot, engine: FakeEngine
) -> None:
    client = EngineClient()
    client.attach(f"http://127.0.0.1:{engine.port}", TOKEN)
    answers: list[bytes] = []
    take: Callable[[bytes], None] = answers.append
    client.get("/api/state", None, take)
    gc.collect()
    qtbot.waitUntil(lambda: len(answers) == 1)


def test_nothing_is_kept_once_it_is_answered(qtbot: QtBot, engine: FakeEngine) -> None:
    client = EngineClient()
    client.attach(f"http://127.0.0.1:{engine.port}", TOKEN)
    answers: list[bytes] = []
    client.get("/api/state", None, answers.append)
    qtbot.waitUntil(lambda: len(answers) == 1)
    qtbot.waitUntil(lambda: not client._under_way)
