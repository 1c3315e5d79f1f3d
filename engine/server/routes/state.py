"""The whole state, and what follows it."""

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from engine.protocol.events import PROTOCOL_VERSION
from engine.server.answers import answer, engine_of, number_of


async def ping(request: Request) -> Response:
    return answer({"protocol": PROTOCOL_VERSION, "pid": engine_of(request).info().pid})


async def state(request: Request) -> Response:
    return answer(engine_of(request).state())


async def events(request: Request) -> Response:
    after = number_of(request, "after", 0)
    return StreamingResponse(
        engine_of(request).events.follow(after),
        media_type="text/event-stream",
        headers={"cache-control": "no-store"},
    )


async def stop(request: Request) -> Response:
    request.app.state.stop()
    return answer({"stopping": True}, status=202)


ROUTES = [
    Route("/api/ping", ping),
    Route("/api/state", state),
    Route("/api/events", events),
    Route("/api/engine/stop", stop, methods=["POST"]),
]
