"""Ask the held-out rows and count the answers that are exactly right."""

import time
from collections.abc import Sequence
from statistics import median

import msgspec
from msgspec import Struct

from engine.client import EngineClient
from engine.commands.chat import say
from engine.commands.progress import Show
from engine.protocol.events import ChatDone
from engine.protocol.records import Dataset, Row, RowPage
from engine.protocol.specs import ChatRequest, Message, SamplingSpec

PAGE = 200  # rows
GREEDY = SamplingSpec(temperature=0.0, max_tokens=32)
RULE = "Exactly right: the reply is the same JSON value as the row's answer (greedy, 32 tokens)."


class Answers(Struct, frozen=True):
    """What one base, or it with one adapter, said to every row."""

    rows: tuple[Row, ...]
    replies: tuple[ChatDone, ...]  # one a row
    base: str
    adapter: str | None
    elapsed_s: float

    @property
    def right(self) -> int:
        return sum(
            exact(reply.text, answer_of(row))
            for row, reply in zip(self.rows, self.replies, strict=True)
        )

    @property
    def share(self) -> float:
        return self.right / len(self.rows)

    @property
    def first_token_ms(self) -> float:
        return median(reply.stamp.first_token_ms for reply in self.replies)

    def request(self, row: Row) -> ChatRequest:
        return ask(row, self.base, self.adapter)


def held_out(client: EngineClient, dataset: Dataset) -> tuple[Row, ...]:
    """The validation rows, every one, in the order of the file."""
    rows: list[Row] = []
    while len(rows) < dataset.rows:
        path = f"/api/datasets/{dataset.id}/rows?offset={len(rows)}&limit={PAGE}"
        page = client.get(path, RowPage)
        if not page.rows:
            break
        rows += page.rows
    return tuple(row for row in rows if row.split == "validation")


def answer_rows(
    client: EngineClient, rows: Sequence[Row], base: str, adapter: str | None, show: Show
) -> Answers:
    """Every row's prompt answered greedily, one after the other.

    Two at a time would share the same cores and blur the time to first token.
    """
    began = time.monotonic()
    replies: list[ChatDone] = []
    for row in rows:
        replies.append(say(client, ask(row, base, adapter), aloud=False))
        show(len(replies) / len(rows), f"{len(replies)} of {len(rows)}")
    return Answers(tuple(rows), tuple(replies), base, adapter, time.monotonic() - began)


def ask(row: Row, base: str, adapter: str | None) -> ChatRequest:
    messages = tuple(
        msgspec.convert({"role": role, "content": content}, Message)
        for role, content in row.messages[:-1]
    )
    return ChatRequest(base=base, adapter=adapter, messages=messages, sampling=GREEDY)


def prompt_of(row: Row) -> str:
    return row.messages[-2][1]


def answer_of(row: Row) -> str:
    return row.messages[-1][1]


def exact(reply: str, expected: str) -> bool:
    """Whether both are the same JSON value; what is no JSON must be the same text, stripped."""
    try:
        return bool(msgspec.json.decode(reply) == msgspec.json.decode(expected))
    except msgspec.DecodeError:
        return reply.strip() == expected.strip()
