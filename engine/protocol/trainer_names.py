"""What transformers' Trainer calls our optimizers and schedules, and what it is told beside."""

OPTIMIZERS = {
    "adamw": "adamw_torch",
    "adamw-8bit": "adamw_bnb_8bit",
    "paged-adamw": "paged_adamw_32bit",
    "paged-adamw-8bit": "paged_adamw_8bit",
    "adafactor": "adafactor",
    "lion": "lion_32bit",
    "lion-8bit": "lion_8bit",
    "sgd": "sgd",
}
SCHEDULES = {
    "cosine": "cosine",
    "linear": "linear",
    "constant": "constant_with_warmup",
    "polynomial": "polynomial",
    "cosine-restarts": "cosine_with_restarts",
    "inverse-sqrt": "inverse_sqrt",
    "warmup-stable-decay": "warmup_stable_decay",
}
RESTARTS = 3
DECAY_SHARE = 0.2  # of the steps, at the end of warmup-stable-decay


def schedule_options(schedule: str, total_steps: int) -> dict[str, int]:
    """By the Trainer's names; those of a decay at the end only once the steps are known."""
    if schedule == "cosine-restarts":
        return {"num_cycles": RESTARTS}
    if schedule == "warmup-stable-decay" and total_steps:
        return {"num_decay_steps": max(1, int(total_steps * DECAY_SHARE))}
    return {}
