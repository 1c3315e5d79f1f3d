"""An Olive recipe as a spec, with everything named that has no counterpart here."""

from collections.abc import Collection, Mapping
from typing import Any

from msgspec.structs import replace

from engine.protocol.options import with_values
from engine.protocol.problems import Refused
from engine.protocol.recipes import RecipeData, RecipeImport
from engine.protocol.specs import TrainSpec
from engine.recipes.olive_data import CODE, data_of, size_held_out
from engine.recipes.olive_names import TRAINING_PASSES
from engine.recipes.olive_training import OF_OLIVE, read_arguments, read_pass
from engine.recipes.sections import Notes, Section, Values, shown

OTHER_PASS = "It does not train; what comes of a run is exported here once it is there."
SECOND_PASS = "It trains too; a run trains once, and this recipe's first such pass is taken."
LOADED = "How a model is loaded is decided here; programs that come with it are not run."
OTHER_MODEL = "Only models in Hugging Face's form are trained here."
MODEL_REASONS = {
    "adapter_path": "A run starts from the base alone, not from another adapter.",
    "model_loader": CODE,
    "model_script": CODE,
    "script_dir": CODE,
    "model_file_format": "The form of a model is told from its files here.",
    "io_config": "It is about export to ONNX.",
    "model_attributes": "They are Olive's own notes about a model.",
    "load_kwargs": LOADED,
    "from_pretrained_args": LOADED,
    "test_model_config": "A stand-in of two layers is not made here.",
    "test_model_path": "A stand-in of two layers is not made here.",
    "generative": "Only text is generated here.",
}
TOP_REASONS = {
    "evaluators": "Adapters are evaluated here after their run, on the test rows.",
    "evaluator": "Adapters are evaluated here after their run, on the test rows.",
    "search_strategy": "One run has one setting of everything; a search is started by itself.",
    "auto_optimizer_config": "It is about export to ONNX.",
    "pass_flows": "A run has one training and no order of passes.",
    "azureml_client": "Everything runs on this machine.",
    "user_script": CODE,
}


def import_olive(recipe: Mapping[str, Any], *, linears: Collection[str] = ()) -> RecipeImport:
    """Read a recipe, of today's style or an older one; nothing that it names is run or opened.

    `linears` are the names of the linear layers of the base that will be trained, if it is known.
    Raises Refused when no pass of the recipe trains an adapter.
    """
    notes = Notes()
    top = Section("", recipe, notes).flattened("engine")
    kind, trained = _training_pass(top, notes)
    values = Values(TRAINING_PASSES[kind][1], notes)
    arguments = trained.section("training_args").flattened("extra_args")
    configs = _data_configs(top, notes)
    if trained.has("eval_data_config") and _same_data(trained):
        trained.leave("It is the training data; rows of it are held out here.", "eval_data_config")
    train = _data_config(trained, configs, "train_data_config", notes)
    evaluation = None
    if trained.has("eval_data_config"):
        evaluation = _data_config(trained, configs, "eval_data_config", notes)
    data = data_of(train, evaluation, values, notes)
    if size := size_held_out(trained.take("eval_dataset_size")):
        data = replace(data, validation=size)
    read_pass(kind, trained, linears, values, notes)
    read_arguments(kind, arguments, values, notes)
    _leave_other_data(configs, notes)
    base = _base(top, notes)
    top.leave_rest(OF_OLIVE, TOP_REASONS)
    return _checked(values, base, data, notes)


def _same_data(trained: Section) -> bool:
    return bool(trained.peek("eval_data_config") == trained.peek("train_data_config"))


def _checked(values: Values, base: str, data: RecipeData, notes: Notes) -> RecipeImport:
    with_values(TrainSpec(base="", dataset=""), values.values)
    return RecipeImport(values.values, base, data, tuple(notes.left_out), tuple(notes.changed))


def _training_pass(top: Section, notes: Notes) -> tuple[str, Section]:
    """The first pass that trains, by its lower-case type; the others are named."""
    found: tuple[str, Section] | None = None
    passes = top.take("passes")
    for name, listed in passes.items() if isinstance(passes, dict) else ():
        several = listed if isinstance(listed, list) else [listed]
        for at, content in enumerate(several):
            path = f"passes.{name}" + (f"[{at}]" if len(several) > 1 else "")
            section = Section(path, content, notes).flattened("config")
            kind = section.text("type").lower()
            if kind not in TRAINING_PASSES:
                notes.leave(path, OTHER_PASS)
            elif found is not None:
                notes.leave(path, SECOND_PASS)
            else:
                found = (kind, section)
    if found is None:
        known = ", ".join(name for name, _ in TRAINING_PASSES.values())
        raise Refused(
            "recipes.no-training",
            "No pass of the recipe trains an adapter.",
            f"Choose a recipe with one of these passes: {known}.",
        )
    return found


def _data_configs(top: Section, notes: Notes) -> dict[str, Section]:
    """By name; the oldest recipes have a mapping of them, the others a list."""
    content = top.take("data_configs")
    if isinstance(content, dict):
        listed = [(f"data_configs.{name}", name, each) for name, each in content.items()]
    else:
        many = content if isinstance(content, list) else []
        listed = [
            (f"data_configs[{at}]", str(each.get("name", "")) if isinstance(each, dict) else "",
             each)
            for at, each in enumerate(many)
        ]  # fmt: skip
    return {name: Section(path, each, notes) for path, name, each in listed}


def _data_config(trained: Section, configs: dict[str, Section], key: str, notes: Notes) -> Section:
    """The config that a pass names, or has in itself; an empty one where there is none."""
    wanted, where = trained.take(key), trained.at(key)
    if isinstance(wanted, dict):
        return Section(where, wanted, notes)
    if isinstance(wanted, str) and wanted in configs:
        return configs.pop(wanted)
    if wanted is not None:
        notes.leave(where, f"There is no data config {shown(wanted)}.")
    return Section(where, {}, notes)


def _leave_other_data(configs: dict[str, Section], notes: Notes) -> None:
    for section in configs.values():
        notes.leave(section.path, "The training does not use it.")


def _base(top: Section, notes: Notes) -> str:
    """The path or hub name of the input model, in any of the places it has had."""
    model = top.section("input_model").flattened("config")
    hub = model.section("hf_config")
    kind = model.text("type")
    if kind and kind.lower() not in ("hfmodel", "pytorchmodel"):
        notes.leave(model.at("type"), f"{OTHER_MODEL} This is {shown(kind)}.")
    path = model.text("model_path") or hub.text("model_name")
    for section in (model, hub):
        task = section.text("task")
        if task and not task.startswith("text-generation"):
            notes.leave(section.at("task"), "Only text is generated here.")
        section.leave_rest("Adapter Studio has no such setting of a base model.", MODEL_REASONS)
    return path
