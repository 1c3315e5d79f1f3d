"""Changes over a version: recorded beside the rows, made again over another file, taken back."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.datasets.editing import EditPlan, edit_dataset
from engine.datasets.edits import read_edits
from engine.datasets.importing import ImportPlan, import_dataset
from engine.datasets.row_file import read_rows
from engine.protocol.dataset_specs import AddDataset, EditDataset, Mapping, RowEdit, SplitSpec
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset
from tests.engine.datasets.test_importing import bring, lines

ROWS = [{"prompt": f"Question {at}?", "completion": f"Answer {at}"} for at in range(20)]


def edit(dataset: Dataset, *rows: RowEdit, **wanted: Any) -> Dataset:
    version = dataset.version + 1
    target = Path(dataset.path).parent / f"v{version}-{uuid.uuid4().hex[:8]}"
    change = EditDataset(dataset.version, rows=rows, **wanted)
    return edit_dataset(EditPlan(dataset, version, change, target), lambda share: None)


def again(dataset: Dataset, content: str) -> Dataset:
    """Read the source once more, with new content, and make the edits again."""
    path = Path(dataset.source)
    path.write_text(content)
    plan = ImportPlan(
        dataset.id,
        dataset.version + 1,
        name=dataset.name,
        path=path,
        wanted=AddDataset(path=str(path), mapping=dataset.mapping, split=dataset.split_spec),
        target=path.parent / f"again-{dataset.version + 1}",
        edits=tuple(read_edits(dataset.path)),
        ignored=dataset.ignored,
        source_sha256=dataset.source_sha256,
    )
    return import_dataset(plan, lambda share: None)


def cells(dataset: Dataset) -> list[dict[str, str]]:
    return [row.cells for row in read_rows(dataset.path)]


@pytest.fixture
def plain(tmp_path: Path) -> Dataset:
    return bring(tmp_path / "a.jsonl", lines(*ROWS))


def test_a_cell_is_edited_and_the_file_stays_as_it_is(plain: Dataset) -> None:
    before = Path(plain.source).read_bytes()
    new = {"prompt": "Question 3?", "completion": "A better answer"}
    edited = edit(plain, RowEdit(4, cells=new))
    assert cells(edited)[3] == new
    assert cells(edited)[:3] == cells(plain)[:3]
    assert Path(plain.source).read_bytes() == before
    assert (edited.version, edited.change) == (2, "Edited 1 row")
    assert edited.sha256 != plain.sha256


def test_a_new_version_has_not_been_looked_at_closely(plain: Dataset) -> None:
    assert not edit(replace(plain, examined=True), RowEdit(1, remove=True)).examined


def test_every_row_keeps_its_side_when_one_is_edited(plain: Dataset) -> None:
    edited = edit(plain, RowEdit(4, cells={"prompt": "New?", "completion": "Yes"}))
    sides = [[row.split for row in read_rows(each.path)] for each in (plain, edited)]
    assert sides[0] == sides[1]


def test_rows_are_removed_and_added(plain: Dataset) -> None:
    new = {"prompt": "One more?", "completion": "Yes"}
    edited = edit(plain, RowEdit(2, remove=True), RowEdit(0, cells=new))
    assert cells(edited) == [*cells(plain)[:1], *cells(plain)[2:], new]
    assert edited.change == "Removed 1 row, Added 1 row"
    changed = edit(edited, RowEdit(20, cells={**new, "completion": "No"}))
    assert cells(changed)[-1]["completion"] == "No"
    assert cells(edit(changed, RowEdit(20, remove=True))) == cells(edited)[:-1]


def test_a_row_that_is_emptied_is_left_out_and_named(plain: Dataset) -> None:
    edited = edit(plain, RowEdit(4, cells={"prompt": "Question 3?", "completion": ""}))
    assert edited.rows == 19
    assert [finding.code for finding in edited.findings] == ["unusable"]


def test_edits_of_edits_are_made_again_over_a_changed_file(plain: Dataset) -> None:
    once = edit(plain, RowEdit(4, cells={"prompt": "Question 3?", "completion": "Better"}))
    twice = edit(once, RowEdit(4, cells={"prompt": "Question 3?", "completion": "Best"}))
    gone = edit(twice, RowEdit(6, remove=True), RowEdit(0, cells=ROWS[0] | {"prompt": "New?"}))
    longer = again(gone, lines({"prompt": "First", "completion": "of all"}, *ROWS))
    assert cells(longer)[4]["completion"] == "Best"
    assert "Question 5?" not in [each["prompt"] for each in cells(longer)]
    assert cells(longer)[-1]["prompt"] == "New?"
    assert longer.finding_counts == {}


def test_an_edit_whose_row_is_gone_is_named(plain: Dataset) -> None:
    edited = edit(plain, RowEdit(4, cells={"prompt": "Question 3?", "completion": "Better"}))
    shorter = again(edited, lines(*ROWS[:3], *ROWS[4:]))
    assert shorter.finding_counts == {"edit": 1}
    assert shorter.rows == 19


@pytest.mark.parametrize("number", [21, 500])
def test_a_row_that_is_not_there_is_refused(plain: Dataset, number: int) -> None:
    with pytest.raises(Refused, match=f"no row {number}"):
        edit(plain, RowEdit(number, remove=True))


# Fixes.


def fix(dataset: Dataset, code: str) -> Dataset:
    return edit(dataset, fixes=(code,))


def test_duplicates_are_removed_but_for_the_first(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*ROWS, ROWS[0], ROWS[0], ROWS[3]))
    assert made.finding_counts == {"duplicate": 3}
    fixed = fix(made, "duplicate")
    assert cells(fixed) == ROWS
    assert (fixed.finding_counts, fixed.change) == ({}, "Removed 3 exact duplicates")


def test_conflicts_keep_the_first_answer(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*ROWS, {**ROWS[0], "completion": "Other"}))
    assert cells(fix(made, "conflict")) == ROWS


def test_leaking_rows_move_to_training_and_test_rows_that_do_not_leak_stay(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{**row, "split": "train"} for row in ROWS[:10]]
    rows += [{**row, "split": "test"} for row in ROWS[10:15]]
    rows += [{**row, "split": "validation"} for row in ROWS[8:12] + ROWS[15:]]
    made = bring(tmp_path / "a.jsonl", lines(*rows))
    assert made.finding_counts == {"leak": 4}
    fixed = fix(made, "leak")
    sides: dict[str, set[str]] = {}
    for row in read_rows(fixed.path):
        sides.setdefault(row.messages[0][1], set()).add(row.split)
    assert all(len(side) == 1 for side in sides.values())
    assert sides["Question 8?"] == {"train"}
    assert sides["Question 11?"] == {"test"}
    assert fixed.finding_counts == {"duplicate": 4}


def test_template_text_is_stripped_from_every_cell(tmp_path: Path) -> None:
    marked = {"prompt": "<|im_start|>user Hello<|im_end|>", "completion": "Hi"}
    fixed = fix(bring(tmp_path / "a.jsonl", lines(*ROWS, marked)), "template")
    assert cells(fixed)[-1] == {"prompt": "user Hello", "completion": "Hi"}
    assert fixed.finding_counts == {}


def test_fixes_of_one_row_add_up(tmp_path: Path) -> None:
    marked = {"prompt": "<|im_start|>Who?", "completion": "Me"}
    dataset = bring(tmp_path / "a.jsonl", lines(*ROWS, marked, marked))
    assert dataset.finding_counts == {"template": 2, "duplicate": 1}
    fixed = edit(dataset, fixes=("duplicate", "template"))
    assert cells(fixed) == [*ROWS, {"prompt": "Who?", "completion": "Me"}]
    assert fixed.finding_counts == {}


def test_labels_are_balanced_to_the_limit(tmp_path: Path) -> None:
    rows = [{"text": f"Ticket {at}", "label": "rare" if at % 20 == 0 else "common"}
            for at in range(400)]  # fmt: skip
    fixed = fix(bring(tmp_path / "a.jsonl", lines(*rows)), "imbalance")
    answers = [row.messages[-1][1] for row in read_rows(fixed.path)]
    assert (answers.count("rare"), answers.count("common")) == (20, 199)
    assert fixed.finding_counts == {}


def test_unusable_lines_are_skipped_for_good(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*ROWS, {"prompt": "p", "completion": ""}) + "{\n")
    assert made.finding_counts == {"unusable": 1, "malformed": 1}
    skipped = fix(made, "unusable")
    assert (skipped.finding_counts, skipped.rows) == ({"malformed": 1}, 20)
    assert again(skipped, lines(*ROWS) + "{\n").finding_counts == {"malformed": 1}


def test_a_fix_without_anything_to_fix_is_refused(plain: Dataset) -> None:
    with pytest.raises(Refused, match="nothing of that sort"):
        fix(plain, "duplicate")


# Splits.


def counts(dataset: Dataset) -> tuple[int, int, int]:
    return dataset.train_rows, dataset.validation_rows, dataset.test_rows


MANY = [
    {"prompt": f"Question {at}?", "completion": f"A {at}", "team": "ab"[at % 5 == 0],
     "author": f"writer {at % 30}"}
    for at in range(600)
]  # fmt: skip


def test_a_number_of_rows_is_held_out_exactly(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*MANY), split=SplitSpec(validation=50, test=30))
    assert counts(made) == (520, 50, 30)


def test_strata_have_the_same_share_on_every_side(tmp_path: Path) -> None:
    spec = SplitSpec(validation=0.2, test=0.1, stratify_by="team")
    made = bring(tmp_path / "a.jsonl", lines(*MANY), split=spec)
    by_team = {(row.cells["team"], row.split): 0 for row in read_rows(made.path)}
    for row in read_rows(made.path):
        by_team[row.cells["team"], row.split] += 1
    assert by_team == {
        ("a", "train"): 336, ("a", "validation"): 96, ("a", "test"): 48,
        ("b", "train"): 84, ("b", "validation"): 24, ("b", "test"): 12,
    }  # fmt: skip


def test_a_group_never_straddles(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*MANY), split=SplitSpec(group_by="author"))
    sides: dict[str, set[str]] = {}
    for row in read_rows(made.path):
        sides.setdefault(row.cells["author"], set()).add(row.split)
    assert all(len(side) == 1 for side in sides.values())
    assert made.validation_rows > 0


@pytest.mark.parametrize(
    "spec",
    [
        SplitSpec(validation=0.2),
        SplitSpec(validation=60, test=20),
        SplitSpec(validation=0.2, stratify_by="team"),
        SplitSpec(validation=0.2, group_by="author"),
    ],
)
def test_every_row_keeps_its_side_when_rows_are_added(tmp_path: Path, spec: SplitSpec) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*MANY[:400]), split=spec)
    new = [RowEdit(0, cells={name: str(cell) for name, cell in row.items()}) for row in MANY[400:]]
    more = edit(made, *new)
    before = {row.messages: row.split for row in read_rows(made.path)}
    after = {row.messages: row.split for row in read_rows(more.path)}
    assert all(after[messages] == side for messages, side in before.items())
    added = [side for messages, side in after.items() if messages not in before]
    assert 10 < added.count("validation") < 80


def test_a_version_is_split_anew_and_back(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines(*MANY))
    anew = edit(made, split=SplitSpec(validation=0.2, seed=7))
    assert 90 < anew.validation_rows < 150
    assert (anew.split, anew.change) == ("random, seed 7", "Split anew")
    back = edit(anew, split=SplitSpec())
    assert back.sha256 == made.sha256


def test_given_sides_can_be_kept_or_not(tmp_path: Path) -> None:
    rows = [{**row, "split": ("train", "validation")[at < 10]} for at, row in enumerate(MANY)]
    made = bring(tmp_path / "a.jsonl", lines(*rows))
    assert counts(made) == (590, 10, 0)
    kept = edit(made, split=SplitSpec(validation=0.5))
    assert counts(kept) == (590, 10, 0)
    drawn = edit(made, split=SplitSpec(validation=300, given=False))
    assert counts(drawn) == (300, 300, 0)


def test_too_many_strata_are_refused(tmp_path: Path) -> None:
    rows = [{"prompt": f"q{at}", "completion": "a", "id": str(at)} for at in range(1200)]
    with pytest.raises(Refused, match="1,200 values"):
        bring(tmp_path / "a.jsonl", lines(*rows), split=SplitSpec(stratify_by="id"))


def test_the_mapping_of_a_dataset_with_edits_may_change(plain: Dataset) -> None:
    edited = edit(plain, RowEdit(1, remove=True))
    path = Path(plain.source)
    turned = Mapping(convention="columns", user="completion", assistant="prompt")
    plan = ImportPlan(
        edited.id, 3, name="a", path=path, wanted=AddDataset(path=str(path), mapping=turned),
        target=path.parent / "v3", edits=tuple(read_edits(edited.path)),
        source_sha256=edited.source_sha256,
    )  # fmt: skip
    made = import_dataset(plan, lambda share: None)
    assert made.rows == 19
    assert next(iter(read_rows(made.path))).messages[0] == ("user", "Answer 1")
    assert json.loads(Path(made.path, "edits.jsonl").read_text())["remove"] is True
