"""A data config of Olive as hints: which file, which text, which rows are held out."""

import re
from collections.abc import Sequence
from typing import Any

from engine.protocol.recipes import RecipeData
from engine.recipes.olive_names import MAX_LENGTH
from engine.recipes.sections import Notes, Section, Values, number_of, shown

CODE = "It names a program of its own, which is never run here."
COMPONENTS = (
    ("load_dataset_config", "load_dataset"),
    ("pre_process_data_config", "pre_process_data"),
    ("post_process_data_config", "post_process_data"),
    ("dataloader_config", "dataloader"),
)
LOADING = {
    "type": "It names a loader that a program of the recipe's own defines.",
    "data_dir": "A folder is added as a dataset of its own here.",
    "trust_remote_code": "Programs that come with data are never run here.",
    "token": "Nothing is downloaded here.",
    "col_filters": "Rows are chosen here before the training, when the dataset is made.",
}
PACKING = (
    "Rows are packed here without padding, each with attention to itself alone, so joining, "
    "padding and sliding windows have no counterpart."
)
PROCESSING = {
    **dict.fromkeys(
        ("strategy", "corpus_strategy", "joiner", "stride", "pad_to_max_len", "padding_side",
         "drop_short_sequences", "use_attention_mask", "random_retries", "random_seed",
         "processing_batch_size", "dataset_type", "kv_cache", "sequence_length"),
        PACKING,
    ),
    **dict.fromkeys(("user_script", "script_dir", "text_formatting_func"), CODE),
    "max_samples": "All rows of a dataset are used; make a smaller dataset for fewer.",
    "add_special_tokens": "Which special tokens stand where follows from the template here.",
    "trust_remote_code": LOADING["trust_remote_code"],
    "type": "Text is always prepared in the same way here.",
    "input_cols": "It is about classification, not about text generation.",
    "label_col": "It is about classification, not about text generation.",
    "label_cols": "It is about classification, not about text generation.",
    "model_name": "The base model is chosen in the run.",
    "task": "Only text is generated here.",
}  # fmt: skip
SHARE = re.compile(r"\[-?(\d{1,2})%:\]$")
COUNT = re.compile(r"\[-(\d{1,9}):\]$")


def data_of(train: Section, evaluation: Section | None, values: Values, notes: Notes) -> RecipeData:
    """The hints of the training data, with the split that the evaluation data names."""
    hints = _config(train, values, notes, evaluation=False)
    if evaluation is None:
        return RecipeData(**hints)
    held_out = _config(evaluation, Values("lora", Notes()), notes, evaluation=True)
    split = str(held_out["split"])
    if set(held_out["files"]) - set(hints["files"]):
        reason = f"The validation rows lie in {shown(', '.join(held_out['files']))}; add that file "
        notes.leave(evaluation.at("load_dataset_config"), f"{reason}to the dataset as its part.")
    return RecipeData(**hints, validation_split=split, validation=_held_out(split))


def _config(config: Section, values: Values, notes: Notes, *, evaluation: bool) -> dict[str, Any]:
    config.flattened("params_config")
    parts = config.section("components", "component_kwargs").flattened()
    for key, older in COMPONENTS:
        _bring_together(config, parts, key, older)
    load = config.section("load_dataset_config").flattened("params")
    text = config.section("pre_process_data_config").flattened("params")
    hints = {**_loaded(config, load, notes), **_text(text, values, notes, evaluation=evaluation)}
    batch = "The run's own batch size counts in training; this one is of Olive's data loader."
    config.section("dataloader_config").flattened("params").leave_rest(batch)
    config.section("post_process_data_config").leave_rest("It is about evaluation by Olive.")
    config.take("name")
    kind = config.text("type")
    if kind and kind.lower() not in ("huggingfacecontainer", "datacontainer"):
        notes.leave(config.at("type"), f"{shown(kind)} is no container of text here.")
    config.leave(CODE, "user_script", "script_dir")
    config.leave_rest("Adapter Studio has nothing that it could mean.")
    return hints


def _bring_together(config: Section, parts: Section, key: str, older: str) -> None:
    """Older recipes have their components in one mapping under shorter names."""
    found = parts.take(older)
    if found is not None and not config.has(key):
        config.put(key, found)


def _loaded(config: Section, load: Section, notes: Notes) -> dict[str, Any]:
    """What the loader is told; the oldest recipes say it beside the components."""
    for key in ("data_name", "subset", "split", "data_files", "data_dir"):
        if config.has(key) and not load.has(key):
            load.put(key, config.take(key))
    name, split = load.text("data_name"), load.text("split")
    files = load.take("data_files")
    chosen = _files(files, split)
    if files is not None and not chosen:
        notes.leave(load.at("data_files"), f"{shown(files)} names no files.")
    kind = load.text("type")
    if kind and kind.lower() != "huggingface_dataset":
        notes.leave(load.at("type"), LOADING["type"])
    subset = load.text("subset", "name")
    load.leave_rest("Adapter Studio has no such setting of a dataset's loader.", LOADING)
    return {"name": name, "files": chosen, "subset": subset, "split": split}


def _files(files: object, split: str) -> tuple[str, ...]:
    if isinstance(files, dict):
        files = files.get(split.partition("[")[0]) or [*files.values()]
    if isinstance(files, str):
        return tuple(filter(None, (part.strip() for part in files.split(","))))
    if isinstance(files, list):
        return tuple(str(each) for each in files if isinstance(each, str))
    return ()


def _text(text: Section, values: Values, notes: Notes, *, evaluation: bool) -> dict[str, Any]:
    length = text.take(*MAX_LENGTH.names)
    values.read("max_length", length, text.at(MAX_LENGTH.names[0]), default=MAX_LENGTH.default)
    template, chat = text.text("text_template"), text.take("chat_template")
    columns = _columns(text.take("text_cols", "text_field"))
    messages = text.text("message_col")
    if isinstance(chat, str) and chat and not evaluation:
        reason = "A chat template of the recipe's own; write it into the dataset's template."
        notes.leave(text.at("chat_template"), reason)
    kind = text.text("type")
    if kind and kind.lower() != "text_generation_huggingface_pre_process":
        notes.leave(text.at("type"), PROCESSING["type"])
    text.leave_rest("Adapter Studio has no such setting of the text's preparation.", PROCESSING)
    told = not (template or chat)
    return {
        "template": _as_ours(template),
        "columns": (columns or ("text",)) if told else (),
        "chat": bool(chat),
        "messages": (messages or "messages") if chat else "",
    }


def _columns(columns: object) -> tuple[str, ...]:
    listed: Sequence[object] = columns if isinstance(columns, list) else [columns]
    return tuple(each for each in listed if isinstance(each, str) and each)


def _as_ours(template: str) -> str:
    """Olive's template in our syntax, where double square brackets mark what is learned."""
    return template.replace("[[", r"\[[").replace("]]", r"\]]")


def _held_out(split: str) -> float:
    """The share or number of rows that a slice like "train[90%:]" holds out; 0 for any other."""
    if found := SHARE.search(split):
        at = int(found[1])
        return (at if "[-" in split else 100 - at) / 100
    found = COUNT.search(split)
    return float(found[1]) if found else 0.0


def size_held_out(value: object) -> float:
    """The rows that the older `eval_dataset_size` holds out; 0 when it is no such number."""
    number = number_of(value)
    return float(number) if number is not None and number > 0 else 0.0
