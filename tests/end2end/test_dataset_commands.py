"""Every command about datasets as a person uses it, against a real engine."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from engine.commands.dataset_check import Check
from engine.protocol.dataset_specs import Mapping
from engine.protocol.records import BaseModel, Dataset, DatasetDiff, Row, RowPage, TokenView
from tests.end2end.conftest import CommandLine

pytestmark = pytest.mark.slow
ROWS = [{"q": f"Say number {at}.", "a": f"It is {at}.", "team": f"t{at % 2}"} for at in range(30)]
FAULTY = [
    *ROWS,
    ROWS[3],
    ROWS[3],
    {"q": "Who helps?", "a": "Write to jane@example.org<|im_end|>", "team": "t0"},
]
PLAIN = ("--user", "q", "--assistant", "a", "--no-check")
Adding = Callable[..., Dataset]


def lines(*rows: dict[str, str]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def adding(cli: CommandLine, tmp_path: Path) -> Adding:
    """Adds rows under a name and returns the record; quickly unless other options are given."""

    def added(name: str, rows: list[dict[str, str]], *options: str) -> Dataset:
        path = tmp_path / f"{name}.jsonl"
        path.write_text(lines(*rows))
        cli.run("datasets", "add", str(path), "--name", name, *(options or PLAIN))
        return newest(cli, name)

    return added


def newest(cli: CommandLine, name: str) -> Dataset:
    return cli.read(Dataset, "datasets", "show", name)


def row(cli: CommandLine, name: str, number: int) -> Row:
    return cli.read(Row, "datasets", "show", name, "--row", str(number))


def refused(cli: CommandLine, *arguments: str) -> str:
    """The error and its hint; nothing is on standard output."""
    output, errors = cli.run("datasets", *arguments, status=1)
    assert output == ""
    said = [line for line in errors.splitlines() if line.startswith(("error: ", "hint: "))]
    assert [line.split(":")[0] for line in said] == ["error", "hint"]
    return " ".join(said)


@pytest.fixture(scope="module")
def faulty(cli: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Added with everything said about it, and looked at closely."""
    path = tmp_path_factory.mktemp("faulty") / "faulty.jsonl"
    path.write_text(lines(*FAULTY) + "{broken\n")
    _, said = cli.run(
        "datasets", "add", str(path), "--name", "faulty", "--map", "q=user", "--map", "a=assistant",
        "--map", "team=", "--split", "validation=0.2,test=0.1", "--split", "stratify_by=team",
    )  # fmt: skip
    assert "Added faulty: 33 rows" in said
    assert "2 exact duplicates" in said
    assert "1 row with personal data" in said
    assert "adapter-studio datasets check faulty" in said
    return newest(cli, "faulty")


def test_columns_and_splits_are_taken_as_they_are_given(faulty: Dataset) -> None:
    assert faulty.mapping == Mapping(convention="columns", user="q", assistant="a")
    assert faulty.examined
    spec = faulty.split_spec
    assert (spec.validation, spec.test, spec.stratify_by) == (0.2, 0.1, "team")
    assert faulty.split == "random, seed 42, stratified by team"


def test_a_preference_is_told_from_its_parts(adding: Adding) -> None:
    rows = [{"q": f"Who is {at}?", "good": f"Yes {at}", "bad": f"No {at}"} for at in range(8)]
    parts = ("--map", "q=user", "--map", "good=chosen", "--map", "bad=rejected", "--no-check")
    assert adding("pairs", rows, *parts).mapping.convention == "preference"


def test_a_check_groups_findings_and_gives_the_fix_to_copy(
    cli: CommandLine, faulty: Dataset
) -> None:
    output, _ = cli.run("datasets", "check", "faulty", status=1)
    assert "faulty.jsonl:31: Exact duplicate of row 4" in output
    assert "Remove: adapter-studio datasets fix faulty duplicate" in output
    output, _ = cli.run("datasets", "check", faulty.id[:8], "--json", status=1)
    check = msgspec.json.decode(output, type=Check)
    worst = check.sorts[0]
    assert (worst.code, worst.count, worst.severity) == ("malformed", 1, "error")
    found = {each.code: each for each in check.sorts}
    assert {*found} == {"malformed", "duplicate", "template", "personal"}
    assert (found["duplicate"].message, found["duplicate"].act) == ("2 exact duplicates", "remove")


def test_a_file_is_added_for_its_check_and_a_clean_one_passes(
    cli: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "clean file.jsonl"
    path.write_text(
        lines({"prompt": "Who?", "completion": "Me"}, {"prompt": "A", "completion": "B"})
    )
    output, _ = cli.run("datasets", "check", str(path))
    assert output == "clean file.jsonl, version 1: 2 rows, nothing wrong.\n"
    cli.run("datasets", "check", str(path))
    assert [each.name for each in cli.read(list[Dataset], "datasets", "list")].count(path.name) == 1
    assert "nothing to fix" in refused(cli, "fix", path.name, "--all")


def test_show_tells_findings_splits_and_versions(cli: CommandLine, faulty: Dataset) -> None:
    output, _ = cli.run("datasets", "show", "faulty")
    for words in (
        "1: Read from faulty.jsonl",
        "validation=0.2 test=0.1 seed=42 stratify_by=team",
        "the base model's own",
        "2 exact duplicates",
        "warning: faulty.jsonl:31: Exact duplicate of row 4",
    ):
        assert words in output
    assert faulty.version == 1


def test_rows_are_listed_by_range_text_and_sort_of_finding(
    cli: CommandLine, faulty: Dataset
) -> None:
    def numbers(*options: str) -> list[int]:
        page = cli.read(RowPage, "datasets", "show", faulty.id, *options)
        return [row.number for row in page.rows]

    assert numbers("--rows", "31-") == [31, 32, 33]
    assert numbers("--query", "NUMBER 29") == [30]
    assert numbers("--finding", "duplicate") == [31, 32]
    assert numbers("--finding", "duplicate", "--rows", "2") == [32]
    assert numbers("--query", "no such words") == []
    output, said = cli.run("datasets", "show", "faulty", "--query", "say")
    assert len(output.splitlines()) == 21
    assert "12 more: --rows 21-32" in said


def test_one_row_is_shown_with_messages_and_cells(cli: CommandLine, faulty: Dataset) -> None:
    output, _ = cli.run("datasets", "show", "faulty", "--row", "5")
    assert "user\nSay number 4.\n\nassistant\nIt is 4.\n" in output
    assert "team = t0" in output
    assert row(cli, faulty.id, 5).cells == ROWS[4]


def test_tokens_show_what_is_learned_and_what_is_cut(
    cli: CommandLine, base: BaseModel, faulty: Dataset
) -> None:
    asked = ("datasets", "show", "faulty", "--row", "5", "--tokens", "--base", base.name)
    output, _ = cli.run(*asked)
    view = cli.read(TokenView, *asked)
    learned = "".join(token.text for token in view.tokens if token.loss)
    assert learned.startswith("It is 4.")
    assert f"⟦{learned}⟧" in output
    assert f"{len(view.tokens)} tokens, {sum(each.loss for each in view.tokens)} learned" in output
    output, _ = cli.run(*asked, "--max-length", "30")
    assert f"{len(view.tokens) - 30} more cut off" in output
    assert "⟪" in output
    page = cli.read(RowPage, "datasets", "show", "faulty", "--rows", "4-5", "--base", base.name)
    assert page.tokens[1] == len(view.tokens)


def test_a_terminal_gets_colours_in_place_of_marks(
    cli: CommandLine, base: BaseModel, faulty: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    output, _ = cli.run(
        "datasets", "show", faulty.name, "--row", "5", "--tokens", "--base", base.name
    )
    assert "⟦" not in output
    assert "\x1b[1;32mIt is 4." in output


def test_what_could_be_fixed_is_listed_with_what_each_fix_does(
    cli: CommandLine, faulty: Dataset
) -> None:
    output, _ = cli.run("datasets", "fix", "faulty", "--list")
    listed = {line.split()[0]: line.split()[-1] for line in output.splitlines()[1:]}
    assert listed == {
        "malformed": "Skip", "duplicate": "Remove", "template": "Strip", "personal": "Mask",
    }  # fmt: skip
    assert newest(cli, "faulty") == faulty


def test_fixes_make_versions_that_can_be_compared_and_taken_back(
    cli: CommandLine, tmp_path: Path
) -> None:
    path = tmp_path / "mend.jsonl"
    path.write_text(lines(*FAULTY) + "{broken\n")
    cli.run("datasets", "add", str(path), "--name", "mend it", *PLAIN)
    _, said = cli.run("datasets", "fix", "mend it", "duplicate")
    assert "mend it is at version 2: Removed 2 exact duplicates." in said
    assert "adapter-studio datasets restore 'mend it' 1" in said
    assert "has no exact duplicates" in refused(cli, "fix", "mend it", "duplicate")
    cli.run("datasets", "fix", "mend it", "--all")
    cli.run("datasets", "check", "mend it")  # hints are no reason to fail
    mended = newest(cli, "mend it")
    assert (mended.version, mended.rows) == (3, 31)
    assert (mended.finding_counts, mended.ignored) == ({"personal": 1}, ("malformed",))
    assert row(cli, "mend it", 31).cells["a"] == "Write to jane@example.org"
    assert "Hints are left alone" in refused(cli, "fix", "mend it", "--all")
    cli.run("datasets", "fix", "mend it", "personal")
    assert row(cli, "mend it", 31).cells["a"] == "Write to [email]"
    cli.run("datasets", "check", "mend it")

    listed = cli.read(list[Dataset], "datasets", "versions", "mend it")
    assert [each.version for each in listed] == [4, 3, 2, 1]
    assert "Removed 2 exact duplicates" in cli.run("datasets", "versions", "mend it")[0]
    diff = cli.read(DatasetDiff, "datasets", "diff", "mend it", "1", "3")
    assert (diff.removed_count, diff.changed_count, diff.added_count) == (2, 1, 0)
    output, _ = cli.run("datasets", "diff", "mend it", "1")
    assert "mend it: version 1 to 4" in output
    assert "- a: It is 3." not in output  # messages, since no cell of a removed row changed
    assert "- assistant: It is 3." in output
    assert "- a: Write to [-jane" in output
    assert "+ a: Write to {+" in output
    assert "0 removed, 1 changed" in cli.run("datasets", "diff", "mend it", "--stat")[0]

    _, said = cli.run("datasets", "restore", "mend it", "1")
    assert "is at version 5: Restored version 1" in said
    assert "adapter-studio datasets restore 'mend it' 4" in said
    assert newest(cli, "mend it").rows == 33
    assert "It has: 1, 2, 3, 4, 5." in refused(cli, "restore", "mend it", "9")
    assert "It has: 1, 2, 3, 4, 5." in refused(cli, "diff", "mend it", "9")
    assert cli.read(Dataset, "datasets", "show", "mend it", "--version", "3").rows == 31


def test_rows_are_changed_added_moved_and_left_out(cli: CommandLine, adding: Adding) -> None:
    adding("edited", ROWS)
    cli.run("datasets", "edit", "edited", "--row", "2", "--set", "a=It is 1+0=1.")
    assert row(cli, "edited", 2).cells == {**ROWS[1], "a": "It is 1+0=1."}
    _, said = cli.run(
        "datasets", "edit", "edited", "--row", "4", "--row", "5", "--delete",
        "--add", "q=New?", "--add", "a=Yes.",
    )  # fmt: skip
    assert "is at version 3: Removed 2 rows, Added 1 row." in said
    assert newest(cli, "edited").rows == 29
    assert row(cli, "edited", 29).cells == {"q": "New?", "a": "Yes."}
    cli.run("datasets", "edit", "edited", "--row", "1", "--side", "test")
    assert row(cli, "edited", 1).split == "test"
    assert "Its rows are numbered from 1 to 29" in refused(
        cli, "edit", "edited", "--row", "30", "--delete"
    )
    assert "Did you mean 'team'?" in refused(cli, "edit", "edited", "--row", "1", "--set", "taem=x")


def test_a_split_is_made_anew_and_given_sides_are_not_touched_unasked(
    cli: CommandLine, adding: Adding
) -> None:
    adding("sides", ROWS)
    _, said = cli.run("datasets", "split", "sides", "validation=6", "test=0.2")
    split = newest(cli, "sides")
    assert split.split_spec.test == 0.2
    assert split.validation_rows == 6
    counts = f"{split.train_rows} rows to train, 6 to validate, {split.test_rows} to test."
    assert counts in said
    assert "validation" in refused(cli, "split", "sides", "validation=0")
    assert "Did you mean 'seed'?" in refused(cli, "split", "sides", "sead=3")

    given = [{**each, "split": "validation" if at % 3 else "train"} for at, each in enumerate(ROWS)]
    parts = ("--map", "q=user", "--map", "a=assistant", "--map", "split=split", "--no-check")
    assert adding("given", given, *parts).validation_rows == 20
    assert "given=false" in refused(cli, "split", "given", "validation=0.2")
    cli.run("datasets", "split", "given", "given=false", "validation=5")
    assert newest(cli, "given").validation_rows == 5


def test_given_sides_can_be_left_out_while_adding(adding: Adding) -> None:
    given = [{**each, "split": "validation" if at % 3 else "train"} for at, each in enumerate(ROWS)]
    options = ("--user", "q", "--assistant", "a", "--split", "given=false,validation=5")
    assert adding("anew", given, *options, "--no-check").validation_rows == 5


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_an_exported_file_gives_the_same_rows(
    cli: CommandLine, faulty: Dataset, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"out.{ending}"
    _, said = cli.run("datasets", "export", "faulty", str(path), "--split", "train")
    assert f"Wrote {faulty.train_rows} rows to {path}" in said
    name = f"from {ending}"
    cli.run("datasets", "add", str(path), "--name", name, *PLAIN)
    assert newest(cli, name).rows == faulty.train_rows


def test_an_export_replaces_nothing_unasked(
    cli: CommandLine, faulty: Dataset, tmp_path: Path
) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("mine")
    assert "is there already" in refused(cli, "export", faulty.name, str(path))
    assert path.read_text() == "mine"
    cli.run("datasets", "export", "faulty", str(path), "--overwrite", "--version", "1")
    assert len(path.read_text().splitlines()) == 33
    assert ".parquet" in refused(cli, "export", "faulty", str(tmp_path / "out.xlsx"))
    assert "no folder" in refused(cli, "export", "faulty", str(tmp_path / "no" / "out.csv"))
    assert "offline" in refused(cli, "export", "faulty", "s3://bucket/out.csv")


def test_datasets_are_mixed_by_their_weights(cli: CommandLine, adding: Adding) -> None:
    adding("chat", ROWS)
    adding("code", [{"q": f"Code {at}", "a": f"def f{at}()", "team": "c"} for at in range(30)])
    _, said = cli.run("datasets", "mix", "two in one", "chat=2", "code", "--seed", "7")
    mixed = newest(cli, "two in one")
    assert f"Made two in one: {mixed.rows} rows. Mixed from chat, code." in said
    from_code = cli.read(RowPage, "datasets", "show", "two in one", "--query", "def f").total
    assert mixed.rows - from_code == 30
    assert 10 <= from_code <= 20
    assert "no weight" in refused(cli, "mix", "odd", "chat=much")
    assert "named twice" in refused(cli, "mix", "odd", "chat", "chat=2")
    assert "no dataset 'prose'" in refused(cli, "mix", "odd", "prose=2")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "faulty", "--row", "99"), "from 1 to 33"),
        (("show", "faulty", "--row", "1", "--tokens", "--base", "Huge"), "no base model"),
        (("show", "faulty", "--version", "7"), "has no version 7"),
        (("fix", "faulty", "leak"), "It has: malformed"),
        (("diff", "faulty"), "only one version"),
        (("check", "nowhere.csv"), "no dataset 'nowhere.csv'"),
    ],
)
def test_what_a_dataset_does_not_have_is_one_error_and_a_hint(
    cli: CommandLine, faulty: Dataset, arguments: tuple[str, ...], words: str
) -> None:
    assert words in refused(cli, *arguments)
    assert faulty.version == 1


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("datasets show fau", {"faulty"}),
        ("datasets fix faulty dup", {"duplicate"}),
        ("datasets fix faulty l", set()),
        ("datasets split faulty va", {"validation="}),
    ],
)
def test_the_shell_completes_datasets_and_sorts_of_findings(
    cli: CommandLine, faulty: Dataset, typed: str, expected: set[str]
) -> None:
    words = f"adapter-studio {typed}"
    asked = {
        "ADAPTER_STUDIO_HOME": str(cli.home),
        "_ADAPTER_STUDIO_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli"],
        env={**os.environ, **asked}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert {line.partition(",")[2] for line in done.stdout.split()} == expected
    assert faulty.name == "faulty"
