"""`--set key=value`: the options of a spec on the command line, from their one declaration."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import click
from click.shell_completion import CompletionItem
from msgspec import Struct

from engine.commands.near_names import hint
from engine.protocol.options import KIND, Option, Value, every_option_of, fitting, with_values
from engine.protocol.problems import Refused

S = TypeVar("S", bound=Struct)
F = TypeVar("F", bound=Callable[..., object])
Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
LARGEST_SHOWN = 2**31 - 1


def set_option(spec: type[Struct], *, without: frozenset[str] = frozenset()) -> Callable[[F], F]:
    """Add `--set` to a command of `settings_command`; `without`: paths that have their own flag."""

    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        shell_complete=complete_settings(spec, without=without),
        help="Change one of the settings below; may be given many times.",
    )


def complete_settings(spec: type[Struct], *, without: frozenset[str] = frozenset()) -> Complete:
    """The keys of a spec, for the shell."""

    def complete(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [
            CompletionItem(f"{option.path}=", help=option.title)
            for option in every_option_of(spec)
            if option.path not in without and option.path.startswith(incomplete)
        ]

    return complete


def settings_command(
    spec: type[Struct], *, without: frozenset[str] = frozenset(), title: str = "Settings for --set"
) -> type[click.Command]:
    """A command class whose help ends with every option of the spec."""

    class SettingsCommand(click.Command):
        def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (f"{option.path}={_default(option)}", _describe(option))
                        for option in every_option_of(spec)
                        if option.path not in without
                    ]
                )

    return SettingsCommand


def with_settings(
    spec: S, preset: Mapping[str, Value], settings: tuple[str, ...], *, flag: str = "--set "
) -> S:
    """The spec with a preset's values and then a person's, each checked.

    The last part of a key is enough where it is clear: "rank" is "method.rank"; "method" alone is
    its kind, for which only what it has is taken of the preset. `flag` is what stands before a
    setting, for the words of a refusal.
    """
    values = read_settings(type(spec), settings, flag=flag)
    kinds = {path: value for path, value in values.items() if path.endswith(KIND)}
    spec = with_values(spec, kinds)
    return with_values(spec, fitting(spec, preset) | values)


def read_settings(
    spec: type[Struct], settings: tuple[str, ...], *, flag: str = "--set "
) -> dict[str, Value]:
    """What a person set, by whole paths, still as text. Raises Refused for an unknown key."""
    paths = list(dict.fromkeys(option.path for option in every_option_of(spec)))
    values: dict[str, Value] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise Refused(
                "settings.no-value",
                f"'{flag}{setting}' has no value.",
                f"Write it like this: {flag}{setting}=VALUE.",
            )
        values[_path(key.strip(), paths)] = value.strip()
    return values


def _path(key: str, paths: list[str]) -> str:
    if key in paths:
        return key
    if f"{key}{KIND}" in paths:
        return f"{key}{KIND}"
    by_last = {path.rpartition(".")[2]: path for path in paths}
    if key in by_last:
        return by_last[key]
    known = f"Known: {', '.join(paths)}."
    raise Refused(
        "settings.unknown",
        f"There is no setting '{key}'.",
        hint(key, [*by_last, *paths], known, spelled=lambda near: by_last.get(near, near)),
    )


def _default(option: Option) -> str:
    if isinstance(option.default, float):
        return f"{option.default:g}"
    return "..." if option.default is None else str(option.default)


def _describe(option: Option) -> str:
    limits = " | ".join(option.choices) if option.choices else _limits(option)
    kind = " ".join(filter(None, [limits, option.unit]))
    words = f"{option.title}: {option.help}" if option.help else option.title
    return f"{words} ({kind})" if kind else words


def _limits(option: Option) -> str:
    """As in "above 0, to 1"; a largest integer that only guards the type is no news."""
    limits = []
    if option.gt is not None:
        limits.append(f"above {option.gt:g}")
    if option.ge is not None:
        limits.append(f"from {option.ge:g}")
    if option.le is not None and option.le < LARGEST_SHOWN:
        limits.append(f"to {option.le:g}")
    if option.lt is not None:
        limits.append(f"below {option.lt:g}")
    return ", ".join(limits)
