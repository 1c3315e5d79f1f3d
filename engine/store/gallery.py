"""Templates to start from: the application's own, and a person's in `<data folder>/templates`."""

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from msgspec.structs import replace

from engine.protocol.dataset_specs import Template
from engine.protocol.problems import Refused, not_found
from engine.protocol.records import GalleryTemplate
from engine.protocol.template_file import LIMIT, format_template, parse_template
from engine.store.publish import replace_synced

log = logging.getLogger(__name__)
NAME = re.compile(r"[^\W_]([\w .,()+&'-]*[\w)+])?")  # a file's name on every system
TASKS = ("chat", "instruction", "classification", "extraction", "summarization", "")


def gallery(home: Path) -> tuple[GalleryTemplate, ...]:
    """All templates by task, the application's before the person's."""
    found = [*_built_in(), *(entry for entry, _ in _own(home / "templates"))]
    return tuple(sorted(found, key=lambda entry: TASKS.index(entry.template.task)))


def save_template(home: Path, template: Template) -> GalleryTemplate:
    """Write it to the person's own, in place of one of that name.

    Raises Refused when the name is the application's or no name for a file.
    """
    if not NAME.fullmatch(template.name):
        raise Refused(
            "template.name",
            "A template's name has letters, digits, spaces and .,()+&'- and begins with a letter"
            " or a digit.",
            "Choose another name.",
        )
    if any(_same(entry, template.name) for entry in _built_in()):
        raise Refused(
            "template.taken",
            f"'{template.name}' comes with the application.",
            "Save it under another name.",
            status=409,
        )
    entry = GalleryTemplate(replace(template, columns={}, roles={}), own=True)
    folder = home / "templates"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    same = (path for known, path in _own(folder) if _same(known, template.name))
    path = next(same, folder / f"{template.name}.toml")
    replace_synced(path, format_template(entry))
    return entry


def own_template(home: Path, name: str) -> tuple[GalleryTemplate, Path]:
    """One of the person's own and its file; raises Refused (404)."""
    for entry, path in _own(home / "templates"):
        if _same(entry, name):
            return entry, path
    raise not_found("template of yours", name)


@lru_cache(maxsize=1)
def _built_in() -> tuple[GalleryTemplate, ...]:
    folder = files("resources") / "templates" / "gallery"
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return tuple(parse_template(entry.read_bytes(), own=False) for entry in entries)


def _own(folder: Path) -> Iterator[tuple[GalleryTemplate, Path]]:
    """What can be read of the person's own; a damaged file is named in the log."""
    for path in sorted(folder.glob("[!.]*.toml")) if folder.is_dir() else ():
        try:
            with path.open("rb") as file:
                entry = parse_template(file.read(LIMIT + 1), own=True)
        except (OSError, Refused) as error:
            log.warning("Left out %s: %s", path, error)
        else:
            yield entry, path


def _same(entry: GalleryTemplate, name: str) -> bool:
    return entry.template.name.casefold() == name.casefold()
