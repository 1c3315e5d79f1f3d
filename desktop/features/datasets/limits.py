"""The length at which rows are cut, as it is looked at; remembered for each dataset."""

from desktop.core.settings import Settings
from engine.protocol.records import BaseModel
from engine.protocol.specs import TrainSpec

USUAL = TrainSpec("", "").max_length
LIMITS = (256, 512, 1024, 2048, 4096, 8192, 16384, 32768)  # tokens


def limit_of(settings: Settings, dataset: str) -> int:
    limit = settings.get(_name(dataset), USUAL)
    return limit if limit in LIMITS else USUAL


def set_limit(settings: Settings, dataset: str, limit: int) -> None:
    settings.set(_name(dataset), limit)


def limits_for(base: BaseModel | None) -> tuple[int, ...]:
    """No more than the base can read at once, where that is known."""
    longest = base.context_length if base is not None and base.context_length else LIMITS[-1]
    return tuple(limit for limit in LIMITS if limit <= longest) or LIMITS[:1]


def _name(dataset: str) -> str:
    return f"datasets.limit.{dataset}"
