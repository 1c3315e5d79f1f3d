"""Replies as a stream: the window's own route."""

import contextlib
from collections.abc import AsyncIterator

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from engine.protocol.events import ChatDelta, ChatDone, ChatFailed, ChatStarted
from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel, ModelStatus
from engine.protocol.specs import ChatRequest
from engine.protocol.worker_messages import (
    ReplyDelta,
    ReplyDone,
    ReplyStarted,
    RequestFailed,
)
from engine.server.answers import body_of, engine_of
from engine.server.engine import Engine


async def chat(request: Request) -> Response:
    """One reply as ChatEvents; closing the connection stops it."""
    engine = engine_of(request)
    wanted = await body_of(request, ChatRequest)
    base = ready(engine.catalog.model(wanted.base))
    adapter = None if wanted.adapter is None else await adapter_of(engine, wanted.adapter)
    if adapter is not None:
        refuse_other_base(adapter, base)
    return StreamingResponse(events(engine, base, adapter, wanted), media_type="text/event-stream")


async def adapter_of(engine: Engine, name: str) -> Adapter:
    """The adapter of that id or name, or a checkpoint's; raises Refused (404)."""
    if engine.catalog.adapters.get(name) is None:
        checkpoint = await engine.checkpoints.find(name)
        if checkpoint is not None:
            return checkpoint
    return engine.catalog.adapter(name)


def ready(base: BaseModel) -> BaseModel:
    """The base; raises Refused while it is prepared or when its folder has gone."""
    if base.status is ModelStatus.PREPARING:
        raise Refused(
            "models.not-ready", f"'{base.name}' is being prepared.", "Wait a moment.", status=409
        )
    if base.status is ModelStatus.MISSING:
        raise Refused(
            "models.missing",
            f"The folder of '{base.name}' is not at {base.path}.",
            "Put it back, or add the model from where it is now.",
            status=409,
        )
    return base


def refuse_other_base(adapter: Adapter, base: BaseModel) -> None:
    """An adapter never meets a base it was not made for."""
    if adapter.base_fingerprint != base.fingerprint:
        raise Refused(
            "adapters.other-base",
            f"'{adapter.name}' was made for '{adapter.base_name}', not for '{base.name}'.",
            "Choose that base, or another adapter.",
            status=409,
        )


async def events(
    engine: Engine, base: BaseModel, adapter: Adapter | None, wanted: ChatRequest
) -> AsyncIterator[bytes]:
    """SSE frames of one reply."""
    replies = engine.chats.stream_reply(base, adapter, wanted.messages, wanted.sampling)
    async with contextlib.aclosing(replies):
        async for message in replies:
            match message:
                case ReplyStarted():
                    name, digest = (adapter.id, adapter.hash) if adapter else (None, None)
                    yield frame(ChatStarted(name, digest, message.swap_ms))
                case ReplyDelta():
                    yield frame(ChatDelta(message.text))
                case ReplyDone():
                    yield frame(ChatDone(message.text, message.stamp))
                case RequestFailed():
                    yield frame(ChatFailed(message.problem))


def frame(event: Struct) -> bytes:
    return b"data: %b\n\n" % msgspec.json.encode(event)


ROUTES = [Route("/api/chat", chat, methods=["POST"])]
