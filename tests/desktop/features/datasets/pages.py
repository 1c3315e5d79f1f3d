"""What the engine answers to the page of tickets.jsonl."""

from tests.desktop.features.conftest import Studio
from tests.desktop.features.records import STATS, rows, view


def page_path(offset: int, query: str = "") -> str:
    return f"/api/datasets/d1/rows?offset={offset}&limit=100&query={query}&base=m1"


def script(studio: Studio) -> None:
    for offset in (0, 100, 200):
        studio.engine.answer("GET", page_path(offset), rows(offset))
    for number in (1, 2, 88, 203, 250):
        path = f"/api/datasets/d1/rows/{number}/tokens?base=m1&max_length=512"
        studio.engine.answer("GET", path, view(number))
    studio.engine.answer("GET", "/api/datasets/d1/tokens?base=m1", STATS)
