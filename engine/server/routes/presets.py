"""Presets to start a run from."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.protocol.problems import Refused
from engine.protocol.specs import Preset
from engine.server.answers import answer, body_of, engine_of
from engine.server.routes.records import Deletion, NewName
from engine.store.presets import own_preset, rename_preset, save_preset
from engine.store.trash import move_to_trash


async def list_presets(request: Request) -> Response:
    return answer(engine_of(request).presets)


async def save(request: Request) -> Response:
    """Among the person's own, in place of one of that name."""
    engine = engine_of(request)
    preset = await body_of(request, Preset)
    if preset.title != request.path_params["name"]:
        raise Refused("request.invalid", "The names differ.", "Send the preset's own title.")
    saved = save_preset(engine.home, preset)
    engine.tell_presets()
    return answer(saved)


async def rename(request: Request) -> Response:
    engine = engine_of(request)
    new = (await body_of(request, NewName)).name.strip()
    renamed = rename_preset(engine.home, request.path_params["name"], new)
    engine.tell_presets()
    return answer(renamed)


async def remove(request: Request) -> Response:
    """Move one of the person's own to the trash; the answer's `undo` brings it back."""
    engine = engine_of(request)
    preset, path = own_preset(engine.home, request.path_params["name"])
    payload = msgspec.json.encode(Deletion("presets", msgspec.Raw(msgspec.json.encode(preset))))
    undo = move_to_trash(path, engine.home / "trash", payload)
    engine.tell_presets()
    return answer({"undo": undo})


ROUTES = [
    Route("/api/presets", list_presets),
    Route("/api/presets/{name}", save, methods=["PUT"]),
    Route("/api/presets/{name}", remove, methods=["DELETE"]),
    Route("/api/presets/{name}/name", rename, methods=["PATCH"]),
]
