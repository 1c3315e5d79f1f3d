"""The pass that trains, and the Trainer's arguments in it, as option values of a spec."""

from collections.abc import Collection

from engine.protocol.trainer_names import schedule_options
from engine.recipes.olive_names import (
    DOUBLE_QUANTIZATION,
    HADAMARD,
    HADAMARD_PAIRS,
    LORA_PAIRS,
    NEAR_OPTIMIZERS,
    NEAR_SCHEDULES,
    OPTIMIZER_DEFAULT,
    PAGED_OPTIMIZER_DEFAULT,
    PRECISION_DEFAULT,
    PRECISIONS,
    QUANTIZED,
    SAME_OPTIMIZERS,
    SAME_SCHEDULES,
    SCHEDULE_DEFAULT,
    TRAINING_PAIRS,
    WARMUP_DEFAULT,
    Pair,
)
from engine.recipes.olive_targets import choice_of
from engine.recipes.sections import Notes, Section, Values, number_of, shown

OF_OLIVE = "It is about how Olive runs and keeps its results, not about what is learned."
OF_DEVICE = "Which device and which of its modes are used is decided here by what is there."
OF_LAYERS = "Every adapted layer has the same settings here."
PASS_REASONS = {
    "modules_to_save": "Whole modules are not trained beside an adapter here.",
    **dict.fromkeys(("device_map", "allow_tf32", "ephemeral_gpu_offload"), OF_DEVICE),
    **dict.fromkeys(
        ("host", "evaluator", "disable_search", "save_quant_config", "training_output_dir",
         "output_name", "clean_run_cache", "data_dir", "use_ort_trainer", "ortmodule_onnx_opset"),
        OF_OLIVE,
    ),
    **dict.fromkeys(
        ("exclude_modules", "layers_to_transform", "layers_pattern", "rank_pattern",
         "alpha_pattern"),
        OF_LAYERS,
    ),
    "rank_dropout": "Dropout over the rank has no counterpart here.",
    "rank_dropout_scale": "Dropout over the rank has no counterpart here.",
    "use_effective_conv2d": "It is about convolutions, which are not adapted here.",
    "init_weights": "The first weights are always the method's own here.",
    "decompose_both": "Only the larger factor is a product of small matrices here.",
    "decompose_factor": "The factors are always as near to each other as can be here.",
    "lora_dropout": "Olive does not use it with this method.",
    "loftq_iter": "LoftQ makes one pass over the weights here.",
    "quant_type": "Weights of 4 bits are always NF4 here.",
    "user_script": "It names a program of its own, which is never run here.",
    "script_dir": "It names a program of its own, which is never run here.",
}  # fmt: skip
NEUTRAL = {
    "rank_dropout": 0, "rank_dropout_scale": False, "init_weights": True, "decompose_both": False,
    "decompose_factor": -1, "loftq_iter": 1, "quant_type": "nf4", "use_effective_conv2d": True,
}  # fmt: skip
"""Values that mean what happens here anyway."""

OF_LOG = "What is logged, and where to, is not a setting of a run here."
TRAINING_REASONS = {
    **dict.fromkeys(
        ("report_to", "logging_steps", "logging_strategy", "logging_first_step", "logging_dir",
         "log_level", "run_name", "disable_tqdm", "include_num_input_tokens_seen"),
        OF_LOG,
    ),
    **dict.fromkeys(
        ("output_dir", "overwrite_output_dir", "resume_from_checkpoint", "save_total_limit",
         "save_only_model", "push_to_hub", "hub_model_id", "hub_token"),
        "Checkpoints are kept, resumed and thinned out by Adapter Studio itself.",
    ),
    **dict.fromkeys(
        ("fp16", "bf16", "tf32", "fp16_full_eval", "bf16_full_eval"),
        "The precision of a run comes from torch_dtype.",
    ),
    **dict.fromkeys(
        ("per_device_eval_batch_size", "eval_accumulation_steps"),
        "Validation packs its batches as training does.",
    ),
    **dict.fromkeys(
        ("group_by_length", "train_sampling_strategy", "length_column_name", "ddp_backend",
         "dataloader_drop_last", "dataloader_pin_memory", "remove_unused_columns"),
        "Batches are packed without padding here, from rows in random order.",
    ),
    **dict.fromkeys(
        ("adam_beta1", "adam_beta2", "adam_epsilon", "optim_args", "optim_target_modules"),
        "The optimizer runs with its usual constants here.",
    ),
    **dict.fromkeys(
        ("deepspeed", "fsdp", "fsdp_config", "accelerator_config", "local_rank", "use_cpu",
         "no_cuda", "torch_compile"),
        OF_DEVICE,
    ),
    "data_seed": "One seed fixes the order of the data and everything else here.",
    "metric_for_best_model": "The best checkpoint is the one with the lowest validation loss.",
    "greater_is_better": "The best checkpoint is the one with the lowest validation loss.",
    "auto_find_batch_size": "A batch that does not fit is halved and accumulated here anyway.",
}  # fmt: skip
PER_EPOCH = "Evaluations and checkpoints go by steps here, up to ten a run."


def read_pass(
    kind: str, section: Section, linears: Collection[str], values: Values, notes: Notes
) -> None:
    """The pass's own settings, apart from its data and its training arguments."""
    for pair in HADAMARD_PAIRS if kind in HADAMARD else LORA_PAIRS:
        _read(pair, section, values)
    if kind == "qlora":
        _read(DOUBLE_QUANTIZATION, section, values)
    elif kind == "loftq":
        values.put("method.init", "loftq")
        values.put("method.double_quantization", False)
    elif kind == "dora":
        values.put("method.dora", True)
    _read_targets(kind, section, linears, values, notes)
    _read_precision(section, values, notes)
    for key, usual in NEUTRAL.items():
        if section.peek(key) == usual:
            section.take(key)
    section.leave_rest("Adapter Studio has no such setting of the method.", PASS_REASONS)


def read_arguments(kind: str, section: Section, values: Values, notes: Notes) -> None:
    """The Trainer's arguments; `kind` is that of the pass, whose defaults differ."""
    for pair in TRAINING_PAIRS:
        _read(pair, section, values)
    steps = number_of(section.take("max_steps"))
    values.read("max_steps", max(0, steps or 0), section.at("max_steps"), default=0)
    _read_optimizer(kind, section, values, notes)
    _read_schedule(section, values, notes)
    _read_intervals(section, values, notes)
    values.put("early_stopping", 0)
    notes.change("early_stopping", "Olive never ends a training early, so this run does not.")
    values.put("stop_on_spike", 0.0)
    notes.change("stop_on_spike", "Olive does not look at the loss for spikes; 3 is usual here.")
    values.put("loss_on", "everything")
    notes.change("loss_on", "Olive learns prompts as well as answers, so this run does.")
    if section.peek("load_best_model_at_end") is True:
        section.take("load_best_model_at_end")
    section.leave("With validation rows the best checkpoint becomes the adapter here.",
                  "load_best_model_at_end")  # fmt: skip
    section.leave_rest("Adapter Studio has no such setting of a training.", TRAINING_REASONS)


def _read(pair: Pair, section: Section, values: Values) -> None:
    found = next((name for name in pair.names if section.has(name)), pair.names[0])
    values.read(pair.option, section.take(found), section.at(found), default=pair.default)


def _read_targets(
    kind: str, section: Section, linears: Collection[str], values: Values, notes: Notes
) -> None:
    where, listed = section.at("target_modules"), section.take("target_modules")
    if kind in QUANTIZED:
        if listed:
            notes.leave(where, "Olive adapts every linear layer with this method, and so it is.")
        values.put("method.target_modules", "all-linear")
    elif not listed:
        usual = "all-linear" if kind in HADAMARD else "query-value"
        values.default("method.target_modules", usual, where)
    elif isinstance(listed, str | list):
        _read_names(listed, where, linears, values, notes)
    else:
        values.put("method.target_modules", "all-linear")
        notes.leave(where, f"{shown(listed)} names no layers; all linear layers are adapted.")


def _read_names(
    listed: str | list[object],
    where: str,
    linears: Collection[str],
    values: Values,
    notes: Notes,
) -> None:
    if listed in ("all-linear", ["all-linear"]):
        values.put("method.target_modules", "all-linear")
        return
    given = listed.split(",") if isinstance(listed, str) else listed
    names = [str(each).strip() for each in given]
    targets = choice_of(names, linears)
    values.put("method.target_modules", targets.choice)
    if not targets.exact:
        known = "" if linears else " The base's own layers are not known yet."
        reason = f"No choice here is exactly {shown(', '.join(names))}; the nearest is "
        notes.leave(where, f"{reason}'{targets.choice}'.{known}")


def _read_precision(section: Section, values: Values, notes: Notes) -> None:
    given, compute = section.take("torch_dtype"), section.take("compute_dtype")
    precision = given or PRECISION_DEFAULT
    if precision not in PRECISIONS:
        reason = f"{shown(given)} is no precision here; Olive's default {PRECISION_DEFAULT} "
        notes.leave(section.at("torch_dtype"), f"{reason}stands in.")
        precision = PRECISION_DEFAULT
    if given is None:
        values.default("precision", precision, section.at("torch_dtype"))
    else:
        values.put("precision", precision)
    if compute not in (None, "", precision):
        reason = f"Weights of 4 bits are reckoned with in the run's own precision, {precision}."
        notes.leave(section.at("compute_dtype"), reason)


def _read_optimizer(kind: str, section: Section, values: Values, notes: Notes) -> None:
    where, given = section.at("optim"), section.text("optim")
    default = PAGED_OPTIMIZER_DEFAULT if kind in QUANTIZED else OPTIMIZER_DEFAULT
    if not given:
        values.default("optimizer", SAME_OPTIMIZERS[default], where)
    elif given in SAME_OPTIMIZERS:
        values.put("optimizer", SAME_OPTIMIZERS[given])
    else:
        nearest = NEAR_OPTIMIZERS.get(given, SAME_OPTIMIZERS[default])
        values.put("optimizer", nearest)
        notes.leave(where, f"{shown(given)} is not to be had here; '{nearest}' stands in.")


def _read_schedule(section: Section, values: Values, notes: Notes) -> None:
    where, name = section.at("lr_scheduler_type"), section.text("lr_scheduler_type")
    flat = (name or SCHEDULE_DEFAULT) == "constant"
    if not name:
        values.default("schedule", "constant", where)
    elif flat or name in SAME_SCHEDULES:
        values.put("schedule", "constant" if flat else SAME_SCHEDULES[name])
    else:
        nearest = NEAR_SCHEDULES.get(name, "constant")
        values.put("schedule", nearest)
        notes.leave(where, f"{shown(name)} is not to be had here; '{nearest}' stands in.")
    _read_warmup(section, values, notes, flat=flat)
    schedule, steps = str(values.values["schedule"]), values.values["max_steps"]
    options = section.take("lr_scheduler_kwargs")
    if options and options != schedule_options(schedule, int(steps)):
        where = section.at("lr_scheduler_kwargs")
        notes.leave(where, "A schedule has no further settings here.")


def _read_warmup(section: Section, values: Values, notes: Notes, *, flat: bool) -> None:
    """A share of the steps. Transformers 5 takes one as `warmup_steps` below 1 too."""
    ratio, where = section.take("warmup_ratio"), section.at("warmup_ratio")
    steps = number_of(section.take("warmup_steps"))
    if flat:
        if ratio or steps:
            reason = "The Trainer's constant schedule has no warm-up, so there is none here."
            notes.leave(where, reason)
        values.put("warmup_ratio", 0.0)
        return
    if steps and steps >= 1:
        where, total = section.at("warmup_steps"), values.values["max_steps"]
        if isinstance(total, int) and total > steps:
            ratio = steps / total
            notes.change(where, f"{steps} of {total} steps are a share of {ratio:.3g}.")
        else:
            notes.leave(where, "A warm-up is a share of the steps here, whose number is not said.")
    elif steps:
        ratio = steps
    values.read("warmup_ratio", ratio, where, default=WARMUP_DEFAULT)


def _read_intervals(section: Section, values: Values, notes: Notes) -> None:
    for option, key, strategies in (
        ("eval_every", "eval_steps", ("eval_strategy", "evaluation_strategy")),
        ("checkpoint_every", "save_steps", ("save_strategy",)),
    ):
        interval, where = number_of(section.take(key)), section.at(key)
        if isinstance(interval, float):
            notes.leave(where, "A share of the steps is no interval here; one is chosen.")
            interval = 0
        values.read(option, max(0, interval or 0), where, default=0)
        for strategy in strategies:
            wanted = section.take(strategy)
            if wanted not in (None, "steps", False):
                notes.leave(section.at(strategy), PER_EPOCH)
                values.put(option, 0)
