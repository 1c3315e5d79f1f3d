"""Reading, renaming, deleting and restoring the catalog's records."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.catalog.record_table import RecordTable
from engine.protocol.problems import Refused, not_found
from engine.protocol.records import Adapter, BaseModel, Conversation, Dataset, Run
from engine.protocol.worker_messages import DropAdapter
from engine.server.answers import answer, body_of, engine_of
from engine.server.engine import Engine
from engine.store.trash import move_to_trash, restore

KINDS: dict[str, type[Struct]] = {
    "models": BaseModel,
    "datasets": Dataset,
    "adapters": Adapter,
    "runs": Run,
    "conversations": Conversation,
}


class NewName(Struct, frozen=True, forbid_unknown_fields=True):
    name: str


class Deletion(Struct, frozen=True):
    """What a deletion took out of the catalog, kept in the trash with the files."""

    kind: str
    record: msgspec.Raw


def table_of(engine: Engine, kind: str) -> RecordTable[Any]:
    if kind not in KINDS:
        raise not_found("kind of record", kind)
    table: RecordTable[Any] = getattr(engine.catalog, kind)
    return table


def found(engine: Engine, kind: str, identifier: str) -> Any:
    record = table_of(engine, kind).get(identifier)
    if record is None:
        raise not_found(kind.removesuffix("s"), identifier)
    return record


async def show(request: Request) -> Response:
    kind, identifier = request.path_params["kind"], request.path_params["id"]
    return answer(found(engine_of(request), kind, identifier))


async def rename(request: Request) -> Response:
    engine = engine_of(request)
    kind, identifier = request.path_params["kind"], request.path_params["id"]
    name = (await body_of(request, NewName)).name.strip()
    record = found(engine, kind, identifier)
    if not 0 < len(name) <= 120 or ":" in name or not name.isprintable():
        raise Refused(
            "records.name",
            "A name has 1 to 120 characters and no colon.",
            "Choose another name.",
        )
    others = [other for other in table_of(engine, kind).all() if other.id != identifier]
    same = [other for other in others if getattr(other, "name", None) == name]
    if kind != "adapters" and same:
        raise Refused("records.taken", f"'{name}' is taken.", "Choose another name.", status=409)
    changes: dict[str, Any] = {"title" if kind == "conversations" else "name": name}
    if kind == "adapters" and any(other.version == record.version for other in same):
        changes["version"] = max(other.version for other in same) + 1
    return answer(table_of(engine, kind).put(replace(record, **changes)))


async def delete(request: Request) -> Response:
    """Move files and record to the trash; the answer's `undo` brings both back."""
    engine = engine_of(request)
    kind, identifier = request.path_params["kind"], request.path_params["id"]
    record = found(engine, kind, identifier)
    refuse_in_use(engine, kind, record)
    payload = msgspec.json.encode(Deletion(kind, msgspec.Raw(msgspec.json.encode(record))))
    if kind == "adapters":
        await engine.chats.drop_adapter(record.base, DropAdapter(record.id))
    if kind == "datasets":
        engine.rows.forget(str(engine.home / "datasets" / identifier))
    if kind == "models":
        await engine.chats.drop_base(identifier)
    table_of(engine, kind).remove(identifier)
    undo = move_to_trash(files_of(engine, kind, record), engine.home / "trash", payload)
    return answer({"undo": undo})


def refuse_in_use(engine: Engine, kind: str, record: Any) -> None:
    """Nothing that a job needs may go, nor the built-in model."""
    if kind == "models" and record.source == "built-in":
        raise Refused(
            "models.built-in",
            f"'{record.name}' is built in.",
            "It comes with the application and stays.",
            status=409,
        )
    for run in engine.catalog.runs.all():
        needed = (run.id, run.spec.base, run.spec.dataset)
        if run.state in ("queued", "running") and record.id in needed:
            raise Refused(
                "records.in-use",
                f"Run {run.number} still needs it.",
                "Cancel the run first, or wait for its end.",
                status=409,
            )


def files_of(engine: Engine, kind: str, record: Any) -> Path | None:
    """The record's own files: never something that is only referenced in place."""
    if kind == "conversations":
        return None
    folder = engine.home / kind / record.id
    return folder if folder.exists() else None


async def undo(request: Request) -> Response:
    engine = engine_of(request)
    note = restore(engine.home / "trash", request.path_params["id"])
    deletion = msgspec.json.decode(note.content, type=Deletion)
    if deletion.kind in ("templates", "presets"):  # a file and no record
        if deletion.kind == "presets":
            engine.tell_presets()
        return answer(deletion.record)
    record: Any = msgspec.json.decode(deletion.record, type=KINDS[deletion.kind])
    if deletion.kind == "datasets":
        engine.catalog.datasets.put(record)
        engine.catalog.keep_version(record)
    elif deletion.kind == "adapters" and engine.catalog.models.get(record.base) is None:
        engine.catalog.adapters.put(replace(record, base=""))
    else:
        table_of(engine, deletion.kind).put(record)
    return answer(record)


async def put_conversation(request: Request) -> Response:
    conversation = await body_of(request, Conversation)
    if conversation.id != request.path_params["id"]:
        raise Refused("request.invalid", "The ids differ.", "Send the record's own id.")
    return answer(engine_of(request).catalog.conversations.put(conversation))


ROUTES = [
    Route("/api/conversations/{id}", put_conversation, methods=["PUT"]),
    Route("/api/trash/{id}/restore", undo, methods=["POST"]),
    Route("/api/{kind}/{id}", show),
    Route("/api/{kind}/{id}", delete, methods=["DELETE"]),
    Route("/api/{kind}/{id}/name", rename, methods=["PATCH"]),
]
