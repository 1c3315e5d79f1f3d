"""OpenAI's API over the same chat workers, for any client of it."""

import contextlib
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from engine.jobs.services import ChatMessage
from engine.protocol.problems import Problem, Refused
from engine.protocol.records import Adapter, BaseModel, ReplyStamp
from engine.protocol.worker_messages import ReplyDelta, ReplyDone, RequestFailed
from engine.server import openai_payloads as openai
from engine.server.answers import answer, engine_of
from engine.server.engine import Engine
from engine.server.model_names import model_list, resolve_model
from engine.server.routes.chat import refuse_other_base


async def models(request: Request) -> Response:
    engine = engine_of(request)
    return answer(model_list(engine.catalog.models.all(), newest_adapters(engine)))


def newest_adapters(engine: Engine) -> tuple[Adapter, ...]:
    """The newest version under each name; older ones are asked for by id."""
    newest: dict[str, Adapter] = {}
    for adapter in engine.catalog.adapters.all():
        if adapter.name not in newest or newest[adapter.name].version < adapter.version:
            newest[adapter.name] = adapter
    return tuple(newest.values())


async def completions(request: Request) -> Response:
    try:
        return await complete(request)
    except Refused as refusal:
        return refused(refusal.problem, refusal.status)


def refused(problem: Problem, status: int) -> Response:
    return answer(openai.error(problem, status), status=status)


async def complete(request: Request) -> Response:
    engine = engine_of(request)
    wanted = openai.chat_request(await request.body())
    base, adapter = await resolve(engine, wanted.model)
    replies = engine.chats.stream_reply(base, adapter, wanted.messages, wanted.sampling)
    if wanted.stream:
        return StreamingResponse(stream(replies, wanted), media_type="text/event-stream")
    async with contextlib.aclosing(replies):
        async for message in replies:
            if isinstance(message, RequestFailed):
                return refused(message.problem, 400)
            if isinstance(message, ReplyDone):
                return answer(
                    openai.completion(
                        id=uuid.uuid4().hex,
                        created=time.time(),
                        model=wanted.model,
                        text=message.text,
                        stamp=message.stamp,
                    )
                )
    raise Refused("chat.cut", "The reply broke off.", "Ask again.", status=503)


async def resolve(engine: Engine, name: str) -> tuple[BaseModel, Adapter | None]:
    """What a model name means; an id also finds adapters that have a newer version.

    "<base>:<run>@<step>" is a checkpoint of a run, by the run's id, name or "#number".
    """
    last = name.rpartition(":")[2]
    known = engine.catalog.adapters.get(last)
    adapters = newest_adapters(engine) if known is None else (known,)
    if all(last not in (adapter.id, adapter.name) for adapter in adapters):
        checkpoint = await engine.checkpoints.find(last) if last != name else None
        if checkpoint is not None:
            name = f"{name.removesuffix(last)}{checkpoint.id}"
            adapters = (*adapters, checkpoint)
    base, adapter = resolve_model(name, engine.catalog.models.all(), adapters)
    if adapter is not None:
        refuse_other_base(adapter, base)
    return base, adapter


async def stream(
    replies: AsyncGenerator[ChatMessage, None], wanted: openai.Wanted
) -> AsyncIterator[bytes]:
    """One reply as OpenAI's chunks; a client that leaves stops it."""
    identifier, created = uuid.uuid4().hex, time.time()

    def chunk(text: str | None = None, stamp: ReplyStamp | None = None) -> bytes:
        body = openai.chunk(
            id=identifier,
            created=created,
            model=wanted.model,
            text=text,
            stamp=stamp,
            include_usage=wanted.include_usage,
        )
        return openai.sse(body)

    yield chunk()
    async with contextlib.aclosing(replies):
        async for message in replies:
            match message:
                case ReplyDelta():
                    yield chunk(message.text)
                case ReplyDone():
                    yield chunk(stamp=message.stamp)
                    if wanted.include_usage:
                        usage = openai.usage_chunk(
                            id=identifier, created=created, model=wanted.model, stamp=message.stamp
                        )
                        yield openai.sse(usage)
                case RequestFailed():
                    yield openai.sse(openai.error(message.problem, 500))
    yield openai.SSE_END


ROUTES = [
    Route("/v1/models", models),
    Route("/v1/chat/completions", completions, methods=["POST"]),
]
