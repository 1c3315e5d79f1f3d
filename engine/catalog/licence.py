"""The licence a model folder names: in its README's front matter or a LICENSE file."""

import re
from pathlib import Path

READ_LIMIT = 65_536
SPELLINGS = {
    "apache-2.0": "Apache-2.0",
    "mit": "MIT",
    "bsd-3-clause": "BSD-3-Clause",
    "bsd-2-clause": "BSD-2-Clause",
    "gpl-3.0": "GPL-3.0",
    "agpl-3.0": "AGPL-3.0",
    "cc-by-4.0": "CC-BY-4.0",
    "cc-by-sa-4.0": "CC-BY-SA-4.0",
    "cc-by-nc-4.0": "CC-BY-NC-4.0",
}
OPENINGS = (
    (re.compile(r"apache license\s+version 2\.0"), "Apache-2.0"),
    (re.compile(r"mit license|permission is hereby granted, free of charge"), "MIT"),
    (re.compile(r"gnu affero general public license\s+version 3"), "AGPL-3.0"),
    (re.compile(r"gnu general public license\s+version 3"), "GPL-3.0"),
)


def read_licence(folder: Path) -> str:
    """An SPDX name where one is known, else the folder's own word, else nothing."""
    front = re.match(r"---\s*\n(.*?)\n---", _beginning(folder / "README.md"), re.DOTALL)
    if front:
        entries: dict[str, str] = dict(
            re.findall(r"^(license(?:_name)?):\s*(.+?)\s*$", front[1], re.MULTILINE)
        )
        named = entries.get("license_name") or entries.get("license", "")
        named = named.strip("'\"[] ")[:80]
        if named:
            return SPELLINGS.get(named.lower(), named)
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE"):
        text = _beginning(folder / name)
        words = re.sub(r"\s+", " ", text.lower())
        for opening, licence in OPENINGS:
            if opening.search(words):
                return licence
        if text.strip():
            return text.strip().splitlines()[0].strip("# ")[:80]
    return ""


def _beginning(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file.read(READ_LIMIT).decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
