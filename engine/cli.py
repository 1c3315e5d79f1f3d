"""The `adapter-studio` command: finds the right subcommand and turns problems into one line."""

import sys
from importlib import import_module
from typing import Any

import click

from engine.protocol.offline import go_offline
from engine.protocol.problems import Refused

# name: (module, its click command, one line of help). Modules are imported when they are asked for.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "open": ("window", "open_window", "Open the window (what happens without a command)."),
    "tour": ("tour", "tour", "See the whole job on a sample, in this terminal."),
    "train": ("train", "train", "Train an adapter on a dataset."),
    "chat": ("chat", "chat", "Chat with a base model and its adapters."),
    "models": ("models", "models", "List, show, add and remove base models."),
    "datasets": (
        "datasets",
        "datasets",
        "Add, check, fix, split, edit, compare and export datasets.",
    ),
    "adapters": ("adapters", "adapters", "List, show, import and remove adapters."),
    "runs": ("runs", "runs", "List, show and compare runs, and look at them in TensorBoard."),
    "jobs": ("jobs", "jobs", "Watch and steer what the engine works on."),
    "restore": ("removal", "restore", "Take back a removal."),
    "engine": ("engine_process", "engine", "Start, stop and ask the background engine."),
}


class Commands(click.Group):
    """A group that knows its commands' names and one line about each without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, summary = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"engine.commands.{module}"), name)
        command.help = command.help or summary
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])


@click.group(
    cls=Commands,
    name="adapter-studio",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="adapter-studio", message="%(prog)s %(version)s")
@click.option(
    "--home",
    type=click.Path(file_okay=False),
    envvar="ADAPTER_STUDIO_HOME",
    help="The data folder; otherwise $ADAPTER_STUDIO_HOME or the usual place of this system.",
)
@click.pass_context
def commands(ctx: click.Context, home: str | None) -> None:
    """Train, keep and hot-swap LoRA adapters on one workstation, offline."""
    if home:
        from engine.commands.connection import use_home

        use_home(home)
    if ctx.invoked_subcommand is None:
        ctx.invoke(commands.get_command(ctx, "open"))  # type: ignore[arg-type]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit status is 0 only for success."""
    go_offline()
    try:
        status: Any = commands.main(arguments, prog_name="adapter-studio", standalone_mode=False)
    except Refused as refusal:
        return _fail(refusal.problem.message, refusal.problem.hint)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "adapter-studio"
        return _fail(error.format_message(), f"See '{path} --help'.", status=2)
    except click.ClickException as error:
        return _fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        return 130
    return status if isinstance(status, int) else 0


def _fail(message: str, hint: str = "", *, status: int = 1) -> int:
    print(f"error: {' '.join(message.split())}", file=sys.stderr)
    if hint:
        print(f"hint: {' '.join(hint.split())}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
