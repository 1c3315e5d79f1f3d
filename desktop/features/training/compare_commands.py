"""Runs over each other, by command."""

from desktop.app import App
from desktop.core.commands import Command
from desktop.features.training.comparisons import MOST, Comparisons


def add_compare_commands(app: App, comparisons: Comparisons) -> None:
    def joinable() -> bool:
        now = comparisons.shown()
        return 0 < len(now) < MOST and len(app.store.runs) > len(now)

    app.commands.add(
        Command(id="runs.compare", title="Runs: Compare Runs…", icon="graph",
                choices=comparisons.choices, enabled=joinable,
                reason=f"Choose a run first; at most {MOST} are compared."),
        Command(id="runs.compare-chosen", title="Runs: Compare Chosen Runs", icon="graph",
                run=lambda: comparisons.open(comparisons.chosen),
                enabled=lambda: len(comparisons.chosen) > 1,
                reason="Choose two runs or more in the side bar, with Ctrl or Shift."),
        Command(id="runs.compare-less", title="Runs: Remove Run from Comparison…", icon="close",
                choices=comparisons.leaving, enabled=comparisons.comparing,
                reason="Open a comparison first."),
    )  # fmt: skip
    app.contributions.add_to_menu("Train", "runs.compare", "runs.compare-less", group=3)
