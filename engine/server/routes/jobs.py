"""What can be asked of a job."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from engine.jobs.moves import move, move_up
from engine.protocol.jobs import Job
from engine.protocol.problems import Refused, not_found
from engine.protocol.records import DataPreview
from engine.protocol.start_rules import Move, StartRule
from engine.protocol.tasks import ImportDatasetTask
from engine.protocol.worker_messages import PreviewData
from engine.server.answers import answer, body_of, engine_of, number_of

LOG_LIMIT = 1024 * 1024  # bytes


async def show(request: Request) -> Response:
    return answer(engine_of(request).jobs.job(request.path_params["id"]))


async def preview(request: Request) -> Response:
    """The first rows of the file that a job reads, while it does."""
    engine = engine_of(request)
    job = engine.jobs.job(request.path_params["id"])
    task = engine.catalog.job_tasks.get(job.id)
    if not isinstance(task, ImportDatasetTask) or task.wanted.sample or not job.active:
        raise not_found("preview", job.title)
    wanted = PreviewData(0, task.wanted.path, task.wanted.mapping)
    return answer(await engine.inspect.ask(wanted, DataPreview))


async def command(request: Request) -> Response:
    jobs = engine_of(request).jobs
    identifier = request.path_params["id"]
    job: Job
    match request.path_params["command"]:
        case "cancel":
            job = await jobs.cancel(identifier)
        case "pause":
            job = await jobs.pause(identifier)
        case "finish":
            job = await jobs.finish(identifier)
        case "stop":
            job = await jobs.stop_and_keep(identifier)
        case "resume":
            job = jobs.resume(identifier)
        case "up":
            job = move_up(engine_of(request).catalog, identifier)
        case other:
            raise not_found("command", other)
    return answer(job)


async def start_when(request: Request) -> Response:
    """Give a training another start rule, whole."""
    rule = await body_of(request, StartRule)
    return answer(engine_of(request).jobs.start_when(request.path_params["id"], rule))


async def move_job(request: Request) -> Response:
    wanted = await body_of(request, Move)
    return answer(move(engine_of(request).catalog, request.path_params["id"], wanted.before))


async def log(request: Request) -> Response:
    """The end of a job's log, as plain text."""
    tail = number_of(request, "tail", 64 * 1024, low=1, high=LOG_LIMIT)
    path = engine_of(request).jobs.log_file(request.path_params["id"])
    return PlainTextResponse(_end_of(path, tail))


async def engine_log(request: Request) -> Response:
    tail = number_of(request, "tail", 64 * 1024, low=1, high=LOG_LIMIT)
    return PlainTextResponse(_end_of(engine_of(request).home / "logs" / "engine.log", tail))


def _end_of(path: Path, size_bytes: int) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - size_bytes))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Refused("log.unreadable", f"The log cannot be read: {error.strerror}.") from error


ROUTES = [
    Route("/api/engine/log", engine_log),
    Route("/api/jobs/{id}", show),
    Route("/api/jobs/{id}/log", log),
    Route("/api/jobs/{id}/preview", preview),
    Route("/api/jobs/{id}/start-rule", start_when, methods=["PUT"]),
    Route("/api/jobs/{id}/move", move_job, methods=["POST"]),
    Route("/api/jobs/{id}/{command}", command, methods=["POST"]),
]
