"""An `olive finetune` command line as the recipe that it makes.

Flags and defaults are those of Olive 0.13's olive/cli/finetune.py and base.py; what it does not
know goes to the Trainer, as there.
"""

import shlex
from collections.abc import Sequence
from typing import Any

from engine.protocol.problems import Refused

SHORT = {
    "-m": "model_name_or_path", "-t": "task", "-o": "output_path", "-d": "data_name",
    "-a": "adapter_path",
}  # fmt: skip
SWITCHES = frozenset(
    {"trust_remote_code", "use_chat_template", "disable_telemetry", "save_config_file", "dry_run"}
)
BOOLEANS = frozenset({"gradient_checkpointing", "activation_checkpointing", "fp16", "bf16"})
"""Flags of the Trainer that stand alone for true."""
MODEL = {"model_name_or_path": "model_path", "task": "task", "adapter_path": "adapter_path"}
LOADING = {"data_name": "data_name", "train_subset": "subset", "train_split": "split"}
PROCESSING = {
    "text_field": "text_cols", "text_template": "text_template", "max_seq_len": "max_seq_len",
    "add_special_tokens": "add_special_tokens", "max_samples": "max_samples",
    "input_cols": "input_cols",
}  # fmt: skip
PASS = {"torch_dtype": "torch_dtype", "lora_r": "r", "lora_alpha": "alpha"}
TOP = {
    "output_path": "output_dir", "log_level": "log_severity_level", "account_name": "account_name",
    "container_name": "container_name", "disable_telemetry": "disable_telemetry",
    "save_config_file": "save_config_file", "dry_run": "dry_run", "test": "test",
    "eval_subset": "eval_subset",
}  # fmt: skip
DEFAULTS = {"max_seq_len": "1024", "max_samples": "256", "train_split": "train", "method": "lora"}
MOST_FLAGS = 500


def recipe_of_flags(command: str | Sequence[str]) -> dict[str, Any]:
    """The recipe of a command line, for `import_olive`. Raises Refused when it is none."""
    flags = {**DEFAULTS, **_flags(_words(command))}
    method = flags.pop("method")
    if str(method).lower() not in ("lora", "qlora"):
        raise _wrong(f"'{str(method)[:40]}' is no method of olive finetune, which has lora, qlora")
    model: dict[str, Any] = {"type": "HfModel"}
    model |= {key: flags.pop(flag) for flag, key in MODEL.items() if flag in flags}
    if flags.pop("trust_remote_code", False):
        model["load_kwargs"] = {"trust_remote_code": True}
    data, evaluation = _data(flags)
    trained: dict[str, Any] = {"type": method, "train_data_config": "train_data"}
    trained |= {key: flags.pop(flag) for flag, key in PASS.items() if flag in flags}
    if "target_modules" in flags:
        trained["target_modules"] = str(flags.pop("target_modules")).split(",")
    if evaluation:
        trained["eval_data_config"] = "eval_data"
    top = {key: flags.pop(flag) for flag, key in TOP.items() if flag in flags}
    trained["training_args"] = flags  # whatever is left is the Trainer's
    configs = [data, evaluation] if evaluation else [data]
    return {"input_model": model, "data_configs": configs, "passes": {"f": trained}, **top}


def _data(flags: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    load = {key: flags.pop(flag) for flag, key in LOADING.items() if flag in flags}
    if "data_files" in flags:
        load["data_files"] = str(flags.pop("data_files")).split(",")
    text = {key: flags.pop(flag) for flag, key in PROCESSING.items() if flag in flags}
    if isinstance(text.get("text_template"), str):
        text["text_template"] = _unescaped(text["text_template"])
    if flags.pop("use_chat_template", False):
        text["chat_template"] = True
    config = {"name": "train_data", "load_dataset_config": load, "pre_process_data_config": text}
    if "batch_size" in flags:
        config["dataloader_config"] = {"batch_size": flags.pop("batch_size")}
    split = flags.pop("eval_split", "")
    if not split:
        return config, None
    held_out = {**load, "split": split}
    return config, {**config, "name": "eval_data", "load_dataset_config": held_out}


def _words(command: str | Sequence[str]) -> list[str]:
    """What follows `olive finetune`, which may be left out."""
    if isinstance(command, str):
        try:
            words = shlex.split(command.replace("\\\n", " "))
        except ValueError as error:
            raise _wrong(f"its quotes do not match ({error})") from error
    else:
        words = [*command]
    if len(words) > MOST_FLAGS:
        raise _wrong(f"it has more than {MOST_FLAGS} words")
    start = next((at for at, word in enumerate(words) if word == "finetune"), None)
    if start is None and words[:1] and not words[0].startswith("-"):
        raise _wrong(f"'{words[0][:40]}' is not olive finetune")
    return words[start + 1 :] if start is not None else words


def _flags(words: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    at = 0
    while at < len(words):
        name, value, at = _flag(words, at)
        found[name] = value
    return found


def _flag(words: list[str], at: int) -> tuple[str, Any, int]:
    """A flag, its value, and where the next one begins."""
    word = words[at]
    name, equals, value = word.removeprefix("--").partition("=")
    name = SHORT.get(word, name.replace("-", "_"))
    if word not in SHORT and not (word.startswith("--") and name):
        raise _wrong(f"'{word[:40]}' stands where a flag should")
    if equals:
        return name, value, at + 1
    last = at + 1
    while last < len(words) and not _is_flag(words[last]):
        last += 1
    values = words[at + 1 : last]
    if name in SWITCHES and not values:
        return name, True, last
    if not values and name in BOOLEANS | {"test"}:
        return name, True, last
    if not values:
        raise _wrong(f"'{word[:40]}' has no value")
    if len(values) > 1 and name != "input_cols":
        raise _wrong(f"'{values[1][:40]}' stands where a flag should")
    return name, values if name == "input_cols" else values[0], last


def _is_flag(word: str) -> bool:
    """A negative number is a value: `--max_steps -1`."""
    return word.startswith("-") and not word[1:2].isdigit() and len(word) > 1


def _unescaped(text: str) -> str:
    """Olive takes a template's \\n for a new line."""
    return text.replace("\\n", "\n").replace("\\t", "\t")


def _wrong(reason: str) -> Refused:
    return Refused(
        "recipes.flags",
        f"The command line cannot be read: {reason}.",
        "Write it as a shell would take it: olive finetune -m MODEL -d json --data_files FILE.",
    )
