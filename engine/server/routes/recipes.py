"""Recipes of Olive: read in a worker, written from a run."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.protocol.problems import Refused
from engine.protocol.recipes import ImportRecipe, RecipeImport
from engine.protocol.records import BaseModel, Run
from engine.protocol.worker_messages import ReadRecipe
from engine.recipes.olive_export import Trained, export_olive
from engine.server.answers import answer, body_of, engine_of
from engine.server.engine import Engine
from engine.server.routes.imports import existing
from engine.server.workstation import device_name


async def import_recipe(request: Request) -> Response:
    """A recipe as a spec's values; nothing is queued, and nothing that it names is opened."""
    engine = engine_of(request)
    wanted = await body_of(request, ImportRecipe)
    if wanted.path and not existing(wanted.path).is_file():
        raise Refused("recipes.folder", f"'{wanted.path}' is no file.", "Choose the recipe.")
    base = engine.catalog.model(wanted.base) if wanted.base else None
    asked = ReadRecipe(0, wanted, _linears(base))
    return answer(await engine.inspect.ask(asked, RecipeImport))


async def export_recipe(request: Request) -> Response:
    """A run's spec as a recipe, and what a recipe cannot say."""
    engine = engine_of(request)
    run = engine.catalog.run(request.path_params["id"])
    return answer(export_olive(_trained(engine, run)))


def _trained(engine: Engine, run: Run) -> Trained:
    """The run with the base and the version of the dataset that it was trained on."""
    return Trained(
        run.spec,
        base=engine.catalog.models.get(run.spec.base),
        dataset=engine.catalog.dataset_version(run.spec.dataset, run.dataset_version),
        base_name=run.base_name,
        dataset_name=run.dataset_name,
        total_steps=run.total_steps,
        on_gpu=device_name() != "CPU",
    )


def _linears(base: BaseModel | None) -> tuple[str, ...]:
    return tuple(sorted({each.name for each in base.linears})) if base else ()


ROUTES = [
    Route("/api/recipes/import", import_recipe, methods=["POST"]),
    Route("/api/runs/{id}/recipe", export_recipe),
]
