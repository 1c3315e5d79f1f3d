"""How a checkpoint of a run is named where an adapter is: "<run>@<step>"."""

from typing import NamedTuple


class CheckpointName(NamedTuple):
    run: str
    step: int

    def __str__(self) -> str:
        return f"{self.run}@{self.step}"


def checkpoint_named(text: str) -> CheckpointName | None:
    """The run, as it was written, and the step; None when the text names no checkpoint."""
    run, at, step = text.rpartition("@")
    if not (at and run and step.isascii() and step.isdigit() and len(step) <= 12):
        return None
    return CheckpointName(run, int(step))
