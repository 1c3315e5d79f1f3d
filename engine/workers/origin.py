"""What a run was made from: its checkpoints resume nothing else."""

import hashlib

import msgspec
from msgspec import Struct

from engine.protocol.dataset_specs import Template
from engine.protocol.options import Value
from engine.protocol.tasks import TrainTask

Origin = dict[str, Value]
FREE_OPTIONS = frozenset(
    {
        "base",  # told by its fingerprint
        "dataset",  # told by its rows' hash
        "name",
        "preset",
        "method",  # option by option
        "early_stopping",
        "eval_every",
        "checkpoint_every",
        "stop_on_spike",
        "threads",
        "workers",
    }
)


def origin_of(task: TrainTask) -> Origin:
    """Everything that must be the same for a resumed run to be the same run.

    How often it evaluates, when it stops early and how many threads and processes it uses may
    change, and how much of a batch it takes at once. Any other option is held fast, later ones
    too.
    """
    spec, own = task.run.spec, task.dataset.template
    return {
        "base": task.base.fingerprint,
        "template": _hash_of(own) if own else task.base.template_hash,
        "dataset": task.dataset.sha256,
        **_plain(spec.method, "method."),
        **{name: value for name, value in _plain(spec).items() if name not in FREE_OPTIONS},
    }


def _plain(spec: Struct, prefix: str = "") -> Origin:
    """A spec's values; whatever is no number or word is written as JSON."""
    return {
        prefix + name: value
        if isinstance(value, str | int | float)
        else msgspec.json.encode(value).decode()
        for name, value in msgspec.to_builtins(spec).items()
    }


def defaults_of(task: TrainTask) -> Origin:
    """What a checkpoint of an earlier release had where it names no value: there was no choice."""
    spec = task.run.spec
    return _defaults(spec) | _defaults(spec.method, "method.")


def _defaults(spec: Struct, prefix: str = "") -> Origin:
    return {
        prefix + field.name: field.default
        for field in msgspec.structs.fields(spec)
        if isinstance(field.default, str | int | float)
    }


def _hash_of(template: Template) -> str:
    return hashlib.sha256(msgspec.json.encode(template)).hexdigest()
