"""Whether an adapter's files are still what its passport says."""

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.protocol.problems import not_found
from engine.protocol.records import Adapter, FileCheck
from engine.server.answers import answer, engine_of
from engine.store.hashing import sha256_file


async def check_files(request: Request) -> Response:
    """Reads and hashes every file of the passport, away from the event loop."""
    identifier = request.path_params["id"]
    adapter = engine_of(request).catalog.adapters.get(identifier)
    if adapter is None:
        raise not_found("adapter", identifier)
    return answer(await asyncio.to_thread(checks, adapter))


def checks(adapter: Adapter) -> list[FileCheck]:
    """One check per file, in the passport's order."""
    return [
        FileCheck(file.name, state_of(Path(adapter.path) / file.name, file.sha256))
        for file in adapter.files
    ]


def state_of(path: Path, sha256: str) -> str:
    try:
        return "intact" if sha256_file(path) == sha256 else "changed"
    except OSError:
        return "missing"


ROUTES = [Route("/api/adapters/{id}/files", check_files)]
