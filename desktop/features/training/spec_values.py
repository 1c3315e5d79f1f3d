"""A run's settings as option values, as the page and its draft have them."""

from collections.abc import Mapping

from engine.protocol.options import Value, fitting, with_values
from engine.protocol.presets import FRESH, LORA, METHOD, SET_APART
from engine.protocol.problems import Refused
from engine.protocol.specs import TrainSpec

SET_BY_PAGE = (*SET_APART, METHOD)
"""Options that the page has widgets of its own for."""


def kind_in(settings: Mapping[str, Value]) -> str:
    return str(settings.get(METHOD, LORA))


def spec_with(spec: TrainSpec, settings: Mapping[str, Value]) -> TrainSpec | None:
    """None while a setting is out of its bounds."""
    try:
        return with_values(spec, settings)
    except Refused:
        return None


def method_part(settings: Mapping[str, Value]) -> dict[str, Value]:
    """What belongs to the method alone."""
    return {path: value for path, value in settings.items() if path.startswith("method.")}


def known_settings(settings: Mapping[str, Value]) -> dict[str, Value]:
    """Those that this release knows: a draft may be older."""
    kind = kind_in(settings)
    spec = spec_with(FRESH, {METHOD: kind})
    return fitting(spec, settings) if spec is not None else {}
