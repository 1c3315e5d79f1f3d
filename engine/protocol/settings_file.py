"""Presets and whole runs as TOML: in the data folder, and from one person to another.

A preset has a title and [values]; a run's file has the spec as it is declared, its base and
dataset by name.
"""

import json
import tomllib
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from engine.protocol.method_specs import METHODS, kind_of
from engine.protocol.presets import RATE, checked_preset
from engine.protocol.problems import Refused
from engine.protocol.records import Run
from engine.protocol.specs import Preset, TrainSpec

LIMIT = 64_000  # bytes


class PresetFile(Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    values: dict[str, bool | int | float | str]
    description: str = ""


def parse_settings(content: bytes) -> Preset | TrainSpec:
    """What a TOML file has: a preset, or a run's whole spec. Raises Refused with the reason."""
    plain = _read(content)
    return _preset_of(plain) if "values" in plain else _spec_of(plain)


def parse_preset(content: bytes) -> Preset:
    """Raises Refused when it is no preset, or its values do not fit its method."""
    plain = _read(content)
    if "values" not in plain:
        raise _unreadable("it has no [values], so it is no preset")
    return _preset_of(plain)


def parse_spec(content: bytes) -> TrainSpec:
    """Raises Refused when it is no run's file."""
    plain = _read(content)
    if "values" in plain:
        raise _unreadable("it is a preset, which names no base model and no dataset")
    return _spec_of(plain)


def format_preset(preset: Preset) -> bytes:
    """The TOML that `parse_preset` reads."""
    lines = [f"title = {_text(preset.title)}", f"description = {_text(preset.description)}"]
    lines += ["", "[values]"]
    lines += [f"{_key(path)} = {_value(value)}" for path, value in preset.values.items()]
    return _bytes(lines)


def format_spec(spec: TrainSpec) -> bytes:
    """The TOML that `parse_spec` reads, every setting in it."""
    plain = msgspec.to_builtins(spec)
    method = plain.pop("method")
    lines = [f"{name} = {_value(value)}" for name, value in plain.items()]
    lines += ["", "[method]"]
    lines += [f"{name} = {_value(value)}" for name, value in method.items()]
    return _bytes(lines)


def spec_of_run(run: Run) -> TrainSpec:
    """A run's spec with the names of base and dataset, which another machine knows too."""
    return replace(run.spec, base=run.base_name, dataset=run.dataset_name)


def _read(content: bytes) -> dict[str, Any]:
    try:
        if len(content) > LIMIT:
            raise ValueError(f"it is larger than {LIMIT // 1000} kB")
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # TOML's and UTF-8's are ValueErrors
        raise _unreadable(str(error)) from error


def _preset_of(plain: dict[str, Any]) -> Preset:
    try:
        file = msgspec.convert(plain, PresetFile)
    except msgspec.ValidationError as error:
        raise _unreadable(str(error)) from error
    return checked_preset(Preset(file.title, file.title, file.description, file.values))


def _spec_of(plain: dict[str, Any]) -> TrainSpec:
    try:
        spec = msgspec.convert(plain, TrainSpec)
    except msgspec.ValidationError as error:
        raise _unreadable(str(error)) from error
    if RATE in plain:
        return spec
    usual = {method.kind: method.learning_rate for method in METHODS}
    return replace(spec, learning_rate=usual[kind_of(spec.method)])


def _unreadable(reason: str) -> Refused:
    return Refused(
        "settings.unreadable",
        f"The file cannot be read: {reason.rstrip('.')}.",
        "A preset has title and [values]; a run's file has base, dataset and [method].",
    )


def _bytes(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _key(path: str) -> str:
    return _text(path) if "." in path else path


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else _text(value)


def _text(text: str) -> str:
    """A JSON string is a basic string of TOML, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
