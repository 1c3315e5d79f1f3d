"""A run's spec as an Olive recipe, with everything named that Olive cannot say."""

from pathlib import PurePath
from typing import Any

from msgspec import Struct

from engine.protocol.method_specs import (
    LohaSpec,
    LokrSpec,
    LoraSpec,
    QloraSpec,
    kind_of,
    method_of,
)
from engine.protocol.options import get_value, options_of
from engine.protocol.problems import Refused
from engine.protocol.recipes import RecipeExport
from engine.protocol.records import BaseModel, Dataset
from engine.protocol.specs import TrainSpec
from engine.protocol.trainer_names import OPTIMIZERS, SCHEDULES, schedule_options
from engine.recipes.olive_names import (
    HADAMARD_PAIRS,
    LORA_PAIRS,
    TRAINING_PAIRS,
)
from engine.recipes.olive_targets import names_of
from engine.recipes.sections import Notes

LOADERS = {".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".txt": "text", ".arrow": "arrow"}
UNSAID = {
    "method.rslora": (False, "Olive scales by alpha over rank, not over its root."),
    "method.learning_rate_ratio": (1.0, "Olive learns A and B at one rate."),
    "early_stopping": (0, "Olive never ends a training early."),
    "loss_on": ("everything", "Olive learns prompts as well as answers."),
    "stop_on_spike": (0.0, "Olive does not look at the loss for spikes."),
    "threads": (0, "Olive takes as many threads as it finds."),
}
"""Options without a counterpart, with the value that means what Olive does anyway."""


class Trained(Struct, frozen=True):
    """What a spec's ids stand for; `base` and `dataset` may be gone by now."""

    spec: TrainSpec
    base: BaseModel | None = None
    dataset: Dataset | None = None
    base_name: str = ""
    dataset_name: str = ""
    total_steps: int = 0  # 0: not known yet
    on_gpu: bool = False  # decides what precision "auto" stands for


def export_olive(trained: Trained) -> RecipeExport:
    """The recipe as YAML. Raises Refused for a method that Olive has no pass for."""
    from engine.recipes.recipe_text import format_recipe  # YAML is not needed at a start

    recipe, notes = recipe_of(trained)
    comment = (
        f"{trained.spec.name or 'A run'}, written by Adapter Studio for Olive 0.13 with "
        "transformers 5.\nRun it with: olive run --config FILE"
    )
    left_out = tuple(notes.left_out)
    lines = [comment, *(f"Left out: {note.path}. {note.reason}" for note in left_out)]
    text = "\n".join(" ".join(line.split()) for part in lines for line in part.splitlines())
    return RecipeExport(format_recipe(recipe, text), left_out)


def recipe_of(trained: Trained) -> tuple[dict[str, Any], Notes]:
    """The recipe as a mapping, as Olive's RunConfig reads it, and what it leaves out."""
    notes = Notes()
    spec = trained.spec
    train = _pass(trained, notes)
    _name_unsaid(spec, notes)
    data = _data_configs(trained, notes)
    if len(data) > 1:
        train["eval_data_config"] = data[1]["name"]
    device, provider = ("gpu", "CUDA") if trained.on_gpu else ("cpu", "CPU")
    accelerator = {"device": device, "execution_providers": [f"{provider}ExecutionProvider"]}
    base = trained.base.path if trained.base else trained.base_name
    recipe = {
        "input_model": {"type": "HfModel", "model_path": base, "task": "text-generation"},
        "systems": {"local_system": {"type": "LocalSystem", "accelerators": [accelerator]}},
        "data_configs": data,
        "passes": {"adapter": train},
        "host": "local_system",
        "target": "local_system",
        "output_dir": "olive-output",
        "cache_dir": "olive-cache",
    }
    return recipe, notes


def _pass(trained: Trained, notes: Notes) -> dict[str, Any]:
    spec, method = trained.spec, trained.spec.method
    hadamard = isinstance(method, LohaSpec | LokrSpec)
    pairs = HADAMARD_PAIRS if hadamard else LORA_PAIRS
    train: dict[str, Any] = {"type": _pass_type(spec, notes)}
    train |= {pair.names[0]: get_value(spec, pair.option) for pair in pairs}
    if isinstance(method, QloraSpec):
        _quantized(method, train, notes)
    else:
        _target_modules(trained, train, notes)
    train["torch_dtype"] = _precision(trained, notes)
    train["train_data_config"] = "train_data"
    train["training_args"] = _arguments(trained, notes)
    return train


def _pass_type(spec: TrainSpec, notes: Notes) -> str:
    match spec.method:
        case LoraSpec(dora=dora, init=init):
            if init != "zero":
                notes.leave("method.init", "Olive's first weights change nothing at first.")
            return "DoRA" if dora else "LoRA"
        case QloraSpec(init=init):
            return "LoftQ" if init == "loftq" else "QLoRA"
        case LohaSpec():
            return "LoHa"
        case LokrSpec():
            return "LoKr"
    raise Refused(
        "recipes.no-pass",
        f"Olive has no pass for {method_of(kind_of(spec.method)).title}.",
        "It has LoRA, QLoRA with LoftQ, DoRA, LoHa and LoKr.",
    )


def _quantized(method: QloraSpec, train: dict[str, Any], notes: Notes) -> None:
    if method.init == "loftq":
        if method.double_quantization:
            reason = "Olive's LoftQ does not round the scales as well."
            notes.leave("method.double_quantization", reason)
    else:
        train["double_quant"] = method.double_quantization
        train["quant_type"] = "nf4"
    train["save_quant_config"] = False  # the base stays as it is
    if method.target_modules != "all-linear":
        reason = f"Olive's {train['type']} always adapts every linear layer."
        notes.leave("method.target_modules", reason)


def _target_modules(trained: Trained, train: dict[str, Any], notes: Notes) -> None:
    method = trained.spec.method
    assert isinstance(method, LoraSpec | LohaSpec | LokrSpec)
    linears = {each.name for each in trained.base.linears} if trained.base else set()
    names = sorted(names_of(method.target_modules, linears))
    if names:
        train["target_modules"] = names
    elif not (method.target_modules == "all-linear" and isinstance(method, LohaSpec | LokrSpec)):
        reason = "The base is not here to name its layers; Olive takes its own choice of them."
        notes.leave("method.target_modules", reason)


def _precision(trained: Trained, notes: Notes) -> str:
    if trained.spec.precision != "auto":
        return trained.spec.precision
    chosen = "bfloat16" if trained.on_gpu else "float32"
    notes.leave("precision", f"Olive does not choose a precision; on this machine it is {chosen}.")
    return chosen


def _arguments(trained: Trained, notes: Notes) -> dict[str, Any]:
    spec = trained.spec
    steps = spec.max_steps or trained.total_steps
    arguments: dict[str, Any] = {
        pair.names[0]: get_value(spec, pair.option) for pair in TRAINING_PAIRS
    }
    if not spec.neftune_alpha:
        del arguments["neftune_noise_alpha"]  # none, as the Trainer has it
    arguments["max_steps"] = spec.max_steps or -1
    arguments["optim"] = OPTIMIZERS[spec.optimizer]
    arguments["lr_scheduler_type"] = SCHEDULES[spec.schedule]
    arguments["warmup_steps"] = spec.warmup_ratio  # below 1 a share, with transformers 5
    arguments["warmup_ratio"] = spec.warmup_ratio
    options = schedule_options(spec.schedule, steps)
    if options:
        arguments["lr_scheduler_kwargs"] = options
    elif spec.schedule == "warmup-stable-decay":
        arguments["lr_scheduler_type"] = SCHEDULES["constant"]
        reason = "The Trainer wants the number of steps for it, which is not known yet."
        notes.leave("schedule", f"{reason} The recipe has the constant schedule.")
    _intervals(spec, arguments)
    arguments["report_to"] = "none"
    return arguments


def _intervals(spec: TrainSpec, arguments: dict[str, Any]) -> None:
    """What is 0 here is chosen here; Olive is left to the Trainer's own interval."""
    for key, interval in (("eval_steps", spec.eval_every), ("save_steps", spec.checkpoint_every)):
        if interval:
            arguments[key] = interval


def _name_unsaid(spec: TrainSpec, notes: Notes) -> None:
    kinds = {"method.kind": kind_of(spec.method)}
    for option in options_of(TrainSpec, kinds=kinds):
        if option.path in UNSAID:
            usual, reason = UNSAID[option.path]
            if get_value(spec, option.path) != usual:
                notes.leave(option.path, reason)


def _data_configs(trained: Trained, notes: Notes) -> list[dict[str, Any]]:
    dataset = trained.dataset
    source = dataset.source if dataset else trained.dataset_name
    files = [source, *(dataset.parts if dataset else ())]
    loader = LOADERS.get(PurePath(source).suffix.lower(), "json")
    load: dict[str, Any] = {"data_name": loader, "data_files": files, "split": "train"}
    text = {**_text(dataset, notes), "max_seq_len": trained.spec.max_length,
            "strategy": "line-by-line", "pad_to_max_len": False}  # fmt: skip
    share = _held_out(dataset, notes)
    if not share:
        return [_data_config("train_data", load, text)]
    return [
        _data_config("train_data", {**load, "split": f"train[:{100 - share}%]"}, text),
        _data_config("eval_data", {**load, "split": f"train[{100 - share}%:]"}, text),
    ]


def _data_config(name: str, load: dict[str, Any], text: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "type": "HuggingfaceContainer",
        "load_dataset_config": {**load, "data_files": [*load["data_files"]]},
        "pre_process_data_config": {**text},
    }


def _held_out(dataset: Dataset | None, notes: Notes) -> int:
    """Per cent of the rows that validate, at the end of the file."""
    if dataset is None or not dataset.rows or not dataset.validation_rows:
        return 0
    share = min(99, max(1, round(100 * dataset.validation_rows / dataset.rows)))
    if dataset.test_rows:
        reason = f"Its {dataset.test_rows:,} test rows are trained on as well in the recipe."
        notes.leave("dataset.split", reason)
    reason = f"Rows are held out here by their content; Olive holds out the last {share} %."
    notes.leave("dataset.split", reason)
    return share


def _text(dataset: Dataset | None, notes: Notes) -> dict[str, Any]:
    """How a row becomes text: a column, messages in the base's template, or fields."""
    if dataset is None:
        return {"text_cols": ["text"]}
    if dataset.version > 1:
        reason = "The recipe names the file that it was read from, without later changes."
        notes.leave("dataset.version", reason)
    mapping = dataset.mapping
    if dataset.template is not None:
        if dataset.template.syntax == "fields":
            notes.leave("dataset.template", "Olive learns the whole text, not marked parts of it.")
            return {"text_template": _as_olives(dataset.template.text)}
        notes.leave("dataset.template", "Olive's templates have no conditions and loops.")
    if mapping.text:
        return {"text_cols": [mapping.text]}
    if mapping.messages:
        return {"chat_template": True, "message_col": mapping.messages}
    columns = (mapping.system, mapping.user, mapping.input, mapping.assistant)
    fields = [f"{{{column}}}" for column in columns if column]
    if fields:
        reason = "Olive's chat template needs a column of messages; the recipe joins the columns."
        notes.leave("dataset.template", reason)
        return {"text_template": "\n\n".join(fields)}
    return {"text_cols": ["text"]}


def _as_olives(template: str) -> str:
    """Without the marks of what is learned; escaped brackets as themselves."""
    kept = template.replace(r"\[[", "\0").replace(r"\]]", "\1")
    return kept.replace("[[", "").replace("]]", "").replace("\0", "[[").replace("\1", "]]")
