"""A closer look at a version: near-duplicates, personal data, rows in another language."""

from array import array
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.datasets.findings import Findings
from engine.datasets.languages import LanguageCensus, language_name
from engine.datasets.near_duplicates import NearDuplicateSearch
from engine.datasets.personal_data import personal_data
from engine.datasets.row_file import RowFile, examined_path
from engine.datasets.tools import TOOLS
from engine.protocol.records import Dataset, Row
from engine.protocol.tasks import Examined
from engine.store.publish import replace_synced

KINDS = {"email": "an e-mail address", "phone": "a phone number",
         "card": "a card number", "iban": "an account number"}  # fmt: skip
MOST_COMPARED = 200_000  # rows whose likeness and languages are looked at
EVERY = 256  # rows between reports


def examine(dataset: Dataset, report: Callable[[float, str], None]) -> Examined:
    """Write the rows of each sort beside the version and return the findings.

    In more than 200,000 rows neither near-duplicates nor languages are looked for, and a finding
    says so.
    """
    findings = Findings(Path(dataset.source).name, dataset.ignored)
    census = LanguageCensus()
    with RowFile(dataset.path) as rows, NearDuplicateSearch() as search:
        compare = len(rows) <= MOST_COMPARED
        for row in rows:
            _look_at(row, findings)
            if row.number % EVERY == 0:
                report(0.9 * row.number / len(rows), f"Row {row.number:,} of {len(rows):,}")
            if not compare:
                continue
            text = "\n".join(text for role, text in row.messages if role not in ("system", TOOLS))
            census.add(row.number, text)
            search.add(row.number, text)
        if compare:
            report(0.9, "Comparing rows")
            _name_languages(census, rows.lines, findings)
            _name_near_duplicates(search, rows.lines, findings)
        else:
            words = f"Near-duplicates and languages are looked for in up to {MOST_COMPARED:,} rows"
            findings.add("not-compared", words)
    rows_found = {code: rows.tolist() for code, rows in findings.rows.items()}
    replace_synced(examined_path(dataset.path), msgspec.json.encode(rows_found))
    return Examined(dataset.id, dataset.version, findings.kept, dict(findings.counts))


def _look_at(row: Row, findings: Findings) -> None:
    kinds = {span.kind: None for text in row.cells.values() for span in personal_data(text)}
    if kinds:
        told = " and ".join(KINDS[kind] for kind in kinds)
        findings.add("personal", f"Holds {told}", line=row.line, row=row.number)


def _name_languages(census: LanguageCensus, lines: "array[int]", findings: Findings) -> None:
    found = census.result()
    for other in found.others:
        words = f"In {language_name(other.language)}; most rows are in {language_name(found.main)}"
        findings.add("language", words, line=lines[other.row - 1], row=other.row)


def _name_near_duplicates(
    search: NearDuplicateSearch, lines: "array[int]", findings: Findings
) -> None:
    for pair in search.found():
        words = f"{pair.similarity:.0%} like row {pair.earlier}"
        findings.add("near-duplicate", words, line=lines[pair.row - 1], row=pair.row)
