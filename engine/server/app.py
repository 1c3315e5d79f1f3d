"""The ASGI application: every route, every error, behind the guard."""

import logging
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from engine.protocol.problems import WENT_WRONG, Problem, Refused
from engine.server.answers import answer
from engine.server.engine import Engine
from engine.server.guard import Guard
from engine.server.routes import (
    adapters,
    chat,
    dataset_versions,
    datasets,
    imports,
    jobs,
    openai,
    presets,
    recipes,
    records,
    runs,
    state,
    templates,
)

log = logging.getLogger(__name__)
ROUTES = [
    *state.ROUTES,
    *imports.ROUTES,
    *datasets.ROUTES,
    *dataset_versions.ROUTES,
    *runs.ROUTES,
    *jobs.ROUTES,
    *adapters.ROUTES,
    *chat.ROUTES,
    *openai.ROUTES,
    *templates.ROUTES,
    *presets.ROUTES,
    *recipes.ROUTES,
    *records.ROUTES,  # last: its paths have room for any kind
]


def build_app(engine: Engine, *, token: str, port: int, stop: Callable[[], None]) -> ASGIApp:
    """`stop` ends the server; the caller runs the engine's own start and stop."""
    app = Starlette(
        routes=ROUTES,
        exception_handlers={
            Refused: refused,
            HTTPException: unknown_route,
            Exception: bug,
        },
    )
    app.state.engine = engine
    app.state.stop = stop
    return Guard(app, token=token, port=port)


async def refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    del request
    return answer(error.problem, status=error.status)


async def unknown_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    del request
    problem = Problem("request.unknown", error.detail, "See the API in the documentation.")
    return answer(problem, status=error.status_code)


async def bug(request: Request, error: Exception) -> Response:
    log.error("A bug in %s %s", request.method, request.url.path, exc_info=error)
    return answer(WENT_WRONG, status=500)
