"""A template as a TOML file: in the gallery, in the data folder, and from one person to another."""

import json
import tomllib

import msgspec
from msgspec import Struct

from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Refused
from engine.protocol.records import GalleryTemplate

LIMIT = 200_000  # bytes


class TemplateFile(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    syntax: str
    text: str
    task: str = ""
    description: str = ""
    expects: tuple[str, ...] = ()


def parse_template(content: bytes, *, own: bool) -> GalleryTemplate:
    """Raises Refused with the reason when it is no template."""
    try:
        if len(content) > LIMIT:
            raise ValueError(f"it is larger than {LIMIT // 1000} kB")
        file = msgspec.convert(tomllib.loads(content.decode("utf-8")), TemplateFile)
        fields = {"name": file.name, "syntax": file.syntax, "text": file.text, "task": file.task}
        template = msgspec.convert(fields, Template)
    except (ValueError, RecursionError) as error:  # TOML's, UTF-8's and msgspec's are ValueErrors
        raise Refused(
            "template.unreadable",
            f"The template file cannot be read: {str(error).rstrip('.')}.",
            "A template has name, syntax (fields or jinja) and text.",
        ) from error
    return GalleryTemplate(template, file.description, file.expects, own)


def format_template(entry: GalleryTemplate) -> bytes:
    """The TOML that `parse_template` reads; a JSON string is a basic string of TOML."""
    template = entry.template
    fields = {
        "name": template.name,
        "task": template.task,
        "syntax": template.syntax,
        "description": entry.description,
        "text": template.text,
    }
    lines = [f"{key} = {_quoted(value)}" for key, value in fields.items()]
    lines.insert(-1, f"expects = [{', '.join(map(_quoted, entry.expects))}]")
    return ("\n".join(lines) + "\n").encode()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
