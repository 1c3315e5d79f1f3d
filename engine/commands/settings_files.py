"""Presets and specs as files on the command line."""

from pathlib import Path

import click

from engine.commands.local_path import absolute_path
from engine.commands.output import note, visible
from engine.protocol.problems import Refused
from engine.protocol.settings_file import LIMIT


def read_limited(path: str) -> bytes:
    """The file's bytes, one more than its limit at most; raises Refused when there is none."""
    file_path = Path(path).expanduser()
    try:
        with file_path.open("rb") as file:
            return file.read(LIMIT + 1)
    except OSError as error:
        raise Refused(
            "settings.no-file", f"'{path}' cannot be read: {error.strerror}.", "Name a .toml file."
        ) from error


def write_or_print(content: bytes, path: str | None, *, overwrite: bool) -> None:
    """Without a path to standard output, so that it can be piped."""
    if path is None:
        click.echo(content.decode(), nl=False)
        return
    target = absolute_path(path)
    try:
        with target.open("wb" if overwrite else "xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise Refused(
            "settings.file-exists",
            f"{target.name} is there already.",
            "Choose another name, or use --overwrite.",
        ) from error
    except OSError as error:
        raise Refused(
            "settings.not-written", f"{target} cannot be written: {error.strerror}.",
            "Choose another place.",
        ) from error  # fmt: skip
    note(f"Wrote {visible(str(target))}.")
