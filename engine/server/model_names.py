"""The names of models on /v1: a base, or a base and one of its adapters."""

from collections.abc import Iterable, Sequence
from typing import Any

from engine.protocol.problems import Refused
from engine.protocol.records import Adapter, BaseModel, ModelStatus

OWNER = "adapter-studio"


def resolve_model(
    name: str, models: Iterable[BaseModel], adapters: Iterable[Adapter]
) -> tuple[BaseModel, Adapter | None]:
    """The base and the adapter that `<base>` or `<base>:<adapter>` means, by name or by id.

    Raises Refused: 404 for a name that nothing has, never falling back on the base; 400 for an
    adapter of another base; 409 for a base that is not ready.
    """
    models, adapters = tuple(models), tuple(adapters)
    base, rest = _split(name, models)
    if base.status is not ModelStatus.READY:
        raise Refused(
            "model.not-ready",
            f"{base.name} cannot answer now: it is {base.status}.",
            "Wait for its job to end, or put its folder back.",
            status=409,
        )
    if rest is None:
        return base, None
    named = [adapter for adapter in adapters if rest in (adapter.name, adapter.id)]
    if not named:
        raise _unknown(f"{base.name} has no adapter '{rest}'")
    for adapter in named:
        if adapter.base == base.id:
            return base, adapter
    raise Refused(
        "adapter.other-base",
        f"{named[0].name} is an adapter of {named[0].base_name or 'another base model'},"
        f" not of {base.name}.",
        f"Ask for {named[0].base_name}:{named[0].name}." if named[0].base else "",
        status=400,
    )


def _split(name: str, models: Sequence[BaseModel]) -> tuple[BaseModel, str | None]:
    """The base at the front of a name and what follows its colon; base names may hold colons."""
    for base in models:
        if name in (base.name, base.id):
            return base, None
    by_length = sorted(models, key=lambda base: len(base.name), reverse=True)
    for base in by_length:
        for front in (base.name, base.id):
            if name.startswith(f"{front}:"):
                return base, name[len(front) + 1 :]
    raise _unknown(f"There is no model '{name}'")


def _unknown(what: str) -> Refused:
    return Refused("model_not_found", f"{what}.", "GET /v1/models lists the names.", status=404)


def model_list(models: Iterable[BaseModel], adapters: Iterable[Adapter]) -> dict[str, Any]:
    """The body of GET /v1/models: each base that is ready, and each of its adapters."""
    listed = []
    adapters = tuple(adapters)
    for base in models:
        if base.status is ModelStatus.READY:
            listed.append(_model(base.name, base.created_at))
            listed += [
                _model(f"{base.name}:{adapter.name}", adapter.created_at)
                for adapter in adapters
                if adapter.base == base.id
            ]
    return {"object": "list", "data": listed}


def _model(name: str, created_at: float) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": int(created_at), "owned_by": OWNER}
