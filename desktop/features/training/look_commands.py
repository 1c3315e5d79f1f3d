"""Smoothing and scale of the curves, by command."""

from desktop.app import App
from desktop.core.commands import Choice, Command
from desktop.features.training.plot_look import STEPS, PlotLook


def add_look_commands(app: App, look: PlotLook) -> None:
    def choices() -> list[Choice]:
        return [
            Choice(id=f"{factor:g}", title=f"{factor:g}" if factor else "0, every value",
                   detail="now" if factor == look.smoothing else "",
                   run=lambda factor=factor: look.smooth(factor))  # type: ignore[misc]
            for factor in STEPS
        ]  # fmt: skip

    app.commands.add(
        Command(id="runs.smoothing", title="Runs: Smooth Curves…", icon="pulse", choices=choices),
        Command(id="runs.log-scale", title="Runs: Switch Log Scale", icon="graph",
                run=lambda: look.set_logarithmic(not look.logarithmic)),
    )  # fmt: skip
    app.contributions.add_to_menu("View", "runs.smoothing", "runs.log-scale", group=5)
