"""The Problems tab and the commands on what was found."""

from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.core.commands import Command
from desktop.features.datasets.fixes import Fixes
from desktop.features.datasets.problems import Problems
from desktop.workbench.contributions import PanelTab


def add_problems(app: App, fixes: Fixes) -> None:
    problems = Problems(app, fixes)
    views: list[QWidget] = []

    def make() -> QWidget:
        from desktop.features.datasets.problems_view import ProblemsView

        views.append(ProblemsView(app.theme, problems))
        return views[0]

    def tools() -> QWidget:
        from desktop.features.datasets.problems_view import ProblemsView, filter_field

        view = views[0]
        assert isinstance(view, ProblemsView)
        return filter_field(app.theme, view)

    def any_found() -> bool:
        return bool(problems.all)

    app.contributions.add_panel(
        PanelTab(id="problems", title="Problems", order=20, make=make, tools=tools)
    )
    app.commands.add(
        Command(id="problems.show", title="View: Show Problems", icon="warning",
                keys="Ctrl+Shift+M",
                run=lambda: app.window.show_panel(True, "problems", focus=True)),
        Command(id="problems.next", title="Problems: Next Problem", keys="F8",
                run=lambda: problems.step(1), enabled=any_found, reason="No problems found."),
        Command(id="problems.earlier", title="Problems: Earlier Problem", keys="Shift+F8",
                run=lambda: problems.step(-1), enabled=any_found, reason="No problems found."),
        Command(id="problems.fix", title="Problems: Fix This Sort", icon="lightbulb", keys="Ctrl+.",
                run=problems.fix_current, enabled=lambda: problems.at_hand is not None,
                reason="Choose a problem first, with F8."),
        Command(id="problems.ignore", title="Problems: Ignore This Sort",
                run=problems.ignore_current, enabled=lambda: problems.at_hand is not None,
                reason="Choose a problem first, with F8."),
    )  # fmt: skip
    app.contributions.add_to_menu("View", "problems.show", group=4)
