"""Templates on the command line: listed from the gallery, or read from a file."""

from pathlib import Path
from typing import Literal

import click

from engine.client import EngineClient
from engine.commands.connection import connect
from engine.commands.output import json_option, print_json, print_table
from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Refused
from engine.protocol.records import GalleryTemplate
from engine.protocol.template_file import LIMIT, parse_template

JINJA = (".jinja", ".jinja2", ".j2")
LONGEST_NAME = 80


@click.command("templates")
@json_option
def list_templates(as_json: bool) -> None:
    """List templates for 'datasets add --template'."""
    found = templates(connect())
    if as_json:
        print_json(found)
        return
    print_table(
        ["Name", "Task", "Syntax", "Reads", "Description"],
        (
            [
                entry.template.name,
                entry.template.task,
                entry.template.syntax,
                ", ".join(entry.expects),
                entry.description or ("yours" if entry.own else ""),
            ]
            for entry in found
        ),
    )


def named_template(client: EngineClient, text: str) -> Template:
    """A file (TOML as in the gallery, Jinja by its ending, else fields), or a gallery's name."""
    path = Path(text).expanduser()
    if path.is_file():
        return _from_file(path)
    known = {entry.template.name.casefold(): entry.template for entry in templates(client)}
    if text.casefold() not in known:
        raise Refused(
            "template.unknown",
            f"There is no template '{text}', and no file of that name.",
            "See 'adapter-studio datasets templates'.",
        )
    return known[text.casefold()]


def templates(client: EngineClient) -> tuple[GalleryTemplate, ...]:
    return client.get("/api/templates", tuple[GalleryTemplate, ...])


def _from_file(path: Path) -> Template:
    with path.open("rb") as file:
        content = file.read(LIMIT + 1)
    ending = path.suffix.lower()
    if ending == ".toml":
        return parse_template(content, own=True).template
    syntax: Literal["fields", "jinja"] = "jinja" if ending in JINJA else "fields"
    try:
        text = content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise Refused(
            "template.unreadable", f"{path.name} is not text in UTF-8.", "Save it as UTF-8."
        ) from error
    return Template(name=path.stem[:LONGEST_NAME], syntax=syntax, text=text)
