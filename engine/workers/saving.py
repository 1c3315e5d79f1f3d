"""How often a run saves where its spec leaves that open: as often as costs little."""

import time
from typing import Any

from transformers import TrainerCallback

SHARE = 0.05  # of the time, at most
LONGEST_S = 60.0  # of work that is lost with a worker, as long as saving is cheap


class Saving(TrainerCallback):
    """Puts off a checkpoint that would cost too much by now, and asks for one that is overdue.

    Only what came by its own turn: the last step, the best validation and a pause are saved in
    any case, so that the clock never decides which adapter comes out.
    """

    def __init__(self, *, by_time: bool) -> None:
        self._by_time = by_time
        self._save_s = 0.0  # the last one
        self._saved_at = time.monotonic()

    def saved(self, seconds: float) -> None:
        self._save_s, self._saved_at = seconds, time.monotonic()

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._saved_at = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._by_time and not control.should_training_stop:
            control.should_save = self._due(by_turn=control.should_save)

    def _due(self, *, by_turn: bool) -> bool:
        since_s = time.monotonic() - self._saved_at
        cheap = since_s * SHARE >= self._save_s
        return cheap and (by_turn or since_s >= LONGEST_S)
