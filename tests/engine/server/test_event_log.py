"""The numbered log and its followers."""

import asyncio

from engine.protocol.events import LogAdded
from engine.server.event_log import KEPT, EventLog


def said(text: str) -> LogAdded:
    return LogAdded("engine", text, 0.0)


async def frames(log: EventLog, after: int, count: int) -> list[str]:
    """The first `count` frames that a follower gets, comments left out."""
    found: list[str] = []
    stream = log.follow(after)
    async for chunk in stream:
        parts = chunk.decode().split("\n\n")
        found += [part for part in parts if part and not part.startswith(":")]
        if len(found) >= count:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    return found


async def test_a_follower_gets_what_came_after_its_number() -> None:
    log = EventLog()
    for word in ("one", "two", "three"):
        log.publish(said(word))
    found = await frames(log, 1, 2)
    assert [frame.split("\n")[0] for frame in found] == ["id: 2", "id: 3"]
    assert '"two"' in found[0]


async def test_a_waiting_follower_wakes_up_for_news() -> None:
    log = EventLog()
    waiting = asyncio.create_task(frames(log, 0, 2))
    await asyncio.sleep(0)
    log.publish(said("first"))
    await asyncio.sleep(0)
    log.publish(said("second"))
    assert len(await asyncio.wait_for(waiting, 5)) == 2


async def test_numbers_that_are_gone_ask_for_a_new_start() -> None:
    log = EventLog()
    for number in range(KEPT + 10):
        log.publish(said(str(number)))
    (found,) = await frames(log, 3, 1)
    assert "Restarted" in found
    assert found.startswith(f"id: {KEPT + 10}")


async def test_numbers_of_another_engine_ask_for_a_new_start() -> None:
    log = EventLog()
    log.publish(said("one"))
    (found,) = await frames(log, 99, 1)
    assert "Restarted" in found


async def test_closing_ends_every_stream() -> None:
    log = EventLog()
    waiting = asyncio.create_task(frames(log, 0, 1))
    await asyncio.sleep(0)
    log.close()
    assert await asyncio.wait_for(waiting, 5) == []
    assert log.followers == 0
