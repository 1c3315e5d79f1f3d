"""Welcome: three steps for a first visit, and the sample from end to end."""

from desktop.app import App
from desktop.core.commands import Command
from desktop.features.welcome.sample_run import SampleRun
from desktop.workbench.contributions import EditorKind
from desktop.workbench.page import Page


def contribute(app: App) -> None:
    """Add everything the Welcome feature brings to the workbench."""
    sample = SampleRun(app)
    app.commands.add(
        Command(id="welcome.show", title="Help: Welcome", icon="book",
                run=lambda: app.open("welcome")),
        Command(id="welcome.try-sample", title="Help: Try the Sample", icon="play",
                run=sample.start, enabled=lambda: not sample.why_off,
                reason=lambda: sample.why_off),
    )  # fmt: skip
    app.contributions.add_editor(
        EditorKind(id="welcome", icon="book", title=lambda key: "Welcome",
                   make=lambda key: page(app))
    )  # fmt: skip
    app.contributions.set_welcome("welcome")
    app.contributions.add_to_menu("Help", "welcome.show", "welcome.try-sample", group=1)


def page(app: App) -> Page:
    from desktop.features.welcome.page import WelcomePage

    return WelcomePage(app)
