"""Presets to start a run from: the application's own, and a person's in `<data folder>/presets`."""

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import msgspec

from engine.protocol.presets import checked_preset
from engine.protocol.problems import Refused, not_found
from engine.protocol.settings_file import LIMIT, format_preset, parse_preset
from engine.protocol.specs import Preset
from engine.store.publish import replace_synced

log = logging.getLogger(__name__)
BUILT_IN = ("quick", "balanced", "thorough")
LONGEST = 60
NAME = re.compile(r"[^\W_]([\w .,()+&'-]*[\w)+])?")  # a file's name on every system


def all_presets(home: Path) -> tuple[Preset, ...]:
    """The application's, then the person's by title."""
    own = sorted((each for each, _ in _own(home / "presets")), key=lambda each: each.id.casefold())
    return (*built_in(), *own)


@lru_cache(maxsize=1)
def built_in() -> tuple[Preset, ...]:
    folder = files("resources") / "presets"
    found = ((name, parse_preset((folder / f"{name}.toml").read_bytes())) for name in BUILT_IN)
    return tuple(msgspec.structs.replace(each, id=name, own=False) for name, each in found)


def save_preset(home: Path, preset: Preset) -> Preset:
    """Write it to the person's own, in place of one of that title.

    Raises Refused when the title is the application's or no name for a file, or a value does not
    fit.
    """
    refuse_name(preset.title)
    checked = checked_preset(preset)
    folder = home / "presets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    same = (path for known, path in _own(folder) if _same(known, preset.title))
    path = next(same, folder / f"{preset.title}.toml")
    replace_synced(path, format_preset(checked))
    return checked


def rename_preset(home: Path, title: str, new: str) -> Preset:
    """Raises Refused when there is none of that title or the new one is taken."""
    preset, path = own_preset(home, title)
    refuse_name(new)
    others = (known for known, _ in _own(home / "presets") if not _same(known, title))
    if any(_same(known, new) for known in others):
        raise Refused("preset.taken", f"'{new}' is taken.", "Choose another name.", status=409)
    renamed = msgspec.structs.replace(preset, id=new, title=new)
    replace_synced(path, format_preset(renamed))
    path.rename(path.with_name(f"{new}.toml"))
    return renamed


def own_preset(home: Path, title: str) -> tuple[Preset, Path]:
    """One of the person's own and its file; raises Refused (404)."""
    for preset, path in _own(home / "presets"):
        if _same(preset, title):
            return preset, path
    raise not_found("preset of yours", title)


def refuse_name(title: str) -> None:
    if not NAME.fullmatch(title) or len(title) > LONGEST:
        raise Refused(
            "preset.name",
            f"A preset's name has up to {LONGEST} letters, digits, spaces and .,()+&'- and begins"
            " with a letter or a digit.",
            "Choose another name.",
        )
    taken = {name.casefold() for each in built_in() for name in (each.id, each.title)}
    if title.casefold() in taken | {"custom"}:
        raise Refused(
            "preset.taken",
            f"'{title}' is a name of the application's own.",
            "Choose another name.",
            status=409,
        )


def _own(folder: Path) -> Iterator[tuple[Preset, Path]]:
    """What can be read of the person's own; a damaged file is named in the log."""
    for path in sorted(folder.glob("[!.]*.toml")) if folder.is_dir() else ():
        try:
            with path.open("rb") as file:
                preset = parse_preset(file.read(LIMIT + 1))
        except (OSError, Refused) as error:
            log.warning("Left out %s: %s", path, error)
        else:
            yield preset, path


def _same(preset: Preset, title: str) -> bool:
    return preset.title.casefold() == title.casefold()
