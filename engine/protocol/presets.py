"""Presets applied to a method, and what a change of the method keeps of the settings."""

from collections.abc import Iterable, Mapping

from engine.protocol.method_specs import LoraSpec, kind_of, method_of
from engine.protocol.options import (
    Value,
    fitting,
    get_value,
    options_of,
    with_values,
)
from engine.protocol.specs import Preset, TrainSpec

METHOD = "method.kind"
RATE = "learning_rate"
SET_APART = ("base", "dataset", "name", "preset")
"""What a run has and no preset: it says how to train, not what and on which data."""
FRESH = TrainSpec(base="", dataset="")
LORA = kind_of(LoraSpec())


def preset_kind(preset: Preset | None) -> str:
    """The method that a preset was meant for."""
    return str(preset.values.get(METHOD, LORA)) if preset is not None else LORA


def preset_values(preset: Preset | None, kind: str) -> dict[str, Value]:
    """What a preset says about a method, which is "method.kind" of these.

    What the method has not is left out, and the learning rate is scaled as the usual ones are.
    None stands for the declared defaults. Raises Refused when there is no such method.
    """
    values = preset.values if preset is not None else {}
    spec = with_values(FRESH, {METHOD: kind})
    fit = fitting(spec, values, meant_for={METHOD: preset_kind(preset)})
    return {**fit, METHOD: kind, RATE: preset_rate(preset, kind)}


def preset_rate(preset: Preset | None, kind: str) -> float:
    """A preset's learning rate on the scale of a method."""
    rate = float(preset.values.get(RATE, FRESH.learning_rate) if preset else FRESH.learning_rate)
    meant_for = preset_kind(preset)
    if kind == meant_for:
        return rate
    scale = method_of(kind).learning_rate / method_of(meant_for).learning_rate
    return float(f"{rate * scale:.3g}")


def preset_spec(spec: TrainSpec, preset: Preset | None, kind: str) -> TrainSpec:
    """The declared defaults with the preset's values; base, dataset and name are kept."""
    fresh = TrainSpec(base=spec.base, dataset=spec.dataset, name=spec.name)
    chosen = {"preset": preset.id} if preset is not None else {}
    return with_values(fresh, {**preset_values(preset, kind), **chosen})


def settings_of(spec: TrainSpec) -> dict[str, Value]:
    """Everything a preset may say, by path."""
    kinds = {METHOD: kind_of(spec.method)}
    paths = (option.path for option in options_of(TrainSpec, kinds=kinds))
    return {path: get_value(spec, path) for path in paths if path not in SET_APART}


def preset_like(settings: Mapping[str, Value], presets: Iterable[Preset]) -> str:
    """Id of the preset that gives exactly these settings, or ""."""
    kind = str(settings.get(METHOD, LORA))
    for preset in presets:
        fits = METHOD not in preset.values or preset_kind(preset) == kind
        if fits and settings_of(preset_spec(FRESH, preset, kind)) == dict(settings):
            return preset.id
    return ""


def preset_from(spec: TrainSpec, title: str, description: str = "") -> Preset:
    """What makes a spec differ from the declared defaults of its method, and its learning rate."""
    kind = kind_of(spec.method)
    usual = settings_of(with_values(FRESH, {METHOD: kind}))
    values = {
        path: value
        for path, value in settings_of(spec).items()
        if value != usual[path] or path in (METHOD, RATE)
    }
    return Preset(title, title, description, values, own=True)


def with_method(
    settings: Mapping[str, Value],
    kind: str,
    *,
    preset: Preset | None,
    before: Mapping[str, Value],
) -> dict[str, Value]:
    """Settings taken over to another method.

    A setting that both have and that was changed from its preset stays; what was left as the
    preset has it becomes what the preset says of the new method: its learning rate, its usual
    rank. What only the new method has is as it was `before`, when that method was chosen last.
    """
    there = str(settings.get(METHOD, LORA))
    old = settings_of(preset_spec(FRESH, preset, there))
    new = settings_of(preset_spec(FRESH, preset, kind))
    known = with_values(FRESH, {METHOD: kind})
    shared = fitting(known, settings, meant_for={METHOD: there})
    touched = {
        path: value
        for path, value in shared.items()
        if value != old.get(path) or old.get(path) == new[path]
    }
    return {**new, **fitting(known, before), **touched, METHOD: kind}


def checked_preset(preset: Preset) -> Preset:
    """A preset of the person's own, its values of their declared types.

    Raises Refused when its method has no such setting, or a value is out of its bounds.
    """
    values = {path: each for path, each in preset.values.items() if path not in SET_APART}
    spec = with_values(FRESH, values)
    return Preset(
        id=preset.title,
        title=preset.title,
        description=preset.description,
        values={path: get_value(spec, path) for path in values},
        own=True,
    )
