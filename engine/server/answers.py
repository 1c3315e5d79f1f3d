"""Reading requests and writing answers as structs."""

from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from engine.protocol.problems import Refused
from engine.server.engine import Engine

T = TypeVar("T")


def engine_of(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def answer(body: Any, *, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")


async def body_of(request: Request, wanted: type[T]) -> T:
    """The JSON body as a struct; raises Refused naming the field that is wrong."""
    try:
        return msgspec.json.decode(await request.body(), type=wanted)
    except msgspec.MsgspecError as error:
        raise Refused(
            "request.invalid", f"The request cannot be read: {error}.", "Correct that field."
        ) from error


def number_of(request: Request, name: str, default: int, *, low: int = 0, high: int = 2**53) -> int:
    """A whole number from the query string; raises Refused when it is none or out of bounds."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise Refused(
            "request.invalid", f"'{name}' must be from {low} to {high}.", "Correct that value."
        )
    return value
