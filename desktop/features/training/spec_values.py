"""A run's spec as option values, and presets applied to it."""

from collections.abc import Iterable, Mapping

from engine.protocol.options import Value, get_value, options_of, with_values
from engine.protocol.specs import Preset, TrainSpec

SET_BY_PAGE = ("base", "dataset", "name", "preset", "method.kind")
"""Options that the page has widgets of its own for."""


def values_of(spec: TrainSpec) -> dict[str, Value]:
    """Every option but those, by path."""
    paths = (option.path for option in options_of(TrainSpec) if option.path not in SET_BY_PAGE)
    return {path: get_value(spec, path) for path in paths}


def preset_spec(spec: TrainSpec, preset: Preset | None) -> TrainSpec:
    """The declared defaults with the preset's values; base, dataset and name are kept."""
    fresh = TrainSpec(base=spec.base, dataset=spec.dataset, name=spec.name)
    if preset is None:
        return fresh
    return with_values(fresh, {**preset.values, "preset": preset.id})


def preset_like(values: Mapping[str, Value], presets: Iterable[Preset]) -> str:
    """Id of the preset that has exactly these values, or ""."""
    for preset in presets:
        if values_of(preset_spec(TrainSpec(base="", dataset=""), preset)) == dict(values):
            return preset.id
    return ""
