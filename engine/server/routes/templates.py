"""Templates to start from."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Refused
from engine.server.answers import answer, body_of, engine_of
from engine.server.routes.records import Deletion
from engine.store.gallery import gallery, own_template, save_template
from engine.store.trash import move_to_trash


async def list_templates(request: Request) -> Response:
    return answer(gallery(engine_of(request).home))


async def save(request: Request) -> Response:
    template = await body_of(request, Template)
    if template.name != request.path_params["name"]:
        raise Refused("request.invalid", "The names differ.", "Send the template's own name.")
    return answer(save_template(engine_of(request).home, template))


async def remove(request: Request) -> Response:
    """Move a template of the person's own to the trash; the answer's `undo` brings it back."""
    home = engine_of(request).home
    entry, path = own_template(home, request.path_params["name"])
    payload = msgspec.json.encode(Deletion("templates", msgspec.Raw(msgspec.json.encode(entry))))
    return answer({"undo": move_to_trash(path, home / "trash", payload)})


ROUTES = [
    Route("/api/templates", list_templates),
    Route("/api/templates/{name}", save, methods=["PUT"]),
    Route("/api/templates/{name}", remove, methods=["DELETE"]),
]
