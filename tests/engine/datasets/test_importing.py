import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from engine.datasets.importing import ImportPlan, import_dataset
from engine.datasets.row_file import read_rows
from engine.protocol.dataset_specs import AddDataset, Mapping, SplitSpec
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset
from engine.store.publish import verify_folder

TALK = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": 'He said "yes",\nü'}]


def bring(path: Path, content: bytes | str | None = None, **wanted: Any) -> Dataset:
    """Import a file into a new folder beside it."""
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    target = path.parent / f"out-{path.name}"
    plan = ImportPlan(
        "d" * 32, 1, name=path.name, path=path, wanted=AddDataset(**wanted), target=target
    )
    return import_dataset(plan, lambda share: None)


def pairs(dataset: Dataset) -> list[tuple[str, str]]:
    """The last two contents of every row."""
    return [(row.messages[-2][1], row.messages[-1][1]) for row in read_rows(dataset.path)]


def found(dataset: Dataset) -> list[tuple[str, int | None, str]]:
    return [(each.severity, each.line, each.message) for each in dataset.findings]


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def table(rows: list[dict[str, Any]], **options: Any) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), **options)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


ROWS: list[dict[str, Any]] = [
    {"prompt": f'Question {at}, "quoted"\nand ü', "completion": f"answer {at * 1.5}", "n": at}
    for at in range(50)
]


def test_the_same_rows_are_the_same_dataset_from_every_format(tmp_path: Path) -> None:
    made = [
        bring(tmp_path / "a.jsonl", lines(*ROWS)),
        bring(tmp_path / "b.json", json.dumps(ROWS)),
        bring(tmp_path / "c.json", json.dumps(ROWS, indent=2)),
        bring(tmp_path / "d.json", lines(*ROWS)),
        bring(tmp_path / "e.jsonl", json.dumps(ROWS, indent=1)),
        bring(tmp_path / "f.json", json.dumps({"data": ROWS}, indent=4)),
        bring(tmp_path / "g.csv", table(ROWS)),
        bring(tmp_path / "h.csv", table(ROWS, delimiter=";", quoting=csv.QUOTE_ALL)),
        bring(tmp_path / "i.tsv", table(ROWS, delimiter="\t")),
        bring(tmp_path / "j.csv", table(ROWS).encode("utf-16")),
        bring(tmp_path / "k.jsonl", lines(*ROWS).encode("utf-16-le")),
        bring(tmp_path / "l.jsonl", b"\xef\xbb\xbf" + lines(*ROWS).encode()),
        bring(tmp_path / "m.csv", table(ROWS).replace("ü", "ü").encode("cp1252")),
    ]
    assert {each.sha256 for each in made} == {made[0].sha256}
    assert {(each.rows, each.finding_count) for each in made} == {(50, 0)}
    assert [made[at].encoding for at in (0, 9, 10, 12)] == [
        "utf-8", "utf-16", "utf-16", "windows-1252",
    ]  # fmt: skip
    verify_folder(Path(made[0].path))


def test_every_row_knows_its_line_in_the_source(tmp_path: Path) -> None:
    as_table = bring(tmp_path / "g.csv", table(ROWS[:3]))
    assert [row.line for row in read_rows(as_table.path)] == [2, 4, 6]
    as_list = bring(tmp_path / "b.json", json.dumps(ROWS[:3], indent=1))
    assert [row.line for row in read_rows(as_list.path)] == [2, 7, 12]


def test_messages_in_a_cell_equal_messages_in_json(tmp_path: Path) -> None:
    in_json = bring(tmp_path / "a.jsonl", lines({"messages": TALK}, {"messages": TALK[:2]}))
    in_cell = bring(tmp_path / "b.csv", table([{"messages": json.dumps(TALK, indent=1)}] * 2))
    literal = bring(tmp_path / "c.csv", table([{"messages": repr(TALK)}] * 2))
    assert in_json.mapping.convention == "messages"
    assert in_json.sha256 == in_cell.sha256 == literal.sha256


@pytest.mark.parametrize(
    ("row", "mapping", "messages"),
    [
        ({"prompt": "p", "completion": "c"}, ("prompt_completion", "prompt", "completion"),
         (("user", "p"), ("assistant", "c"))),
        ({"instruction": "i", "input": "x", "output": "o"}, ("alpaca", "instruction", "output"),
         (("user", "i\n\nx"), ("assistant", "o"))),
        ({"instruction": "i", "input": "", "output": "o", "system": "s"},
         ("alpaca", "instruction", "output"),
         (("system", "s"), ("user", "i"), ("assistant", "o"))),
        ({"instruction": "i", "response": "o"}, ("alpaca", "instruction", "response"),
         (("user", "i"), ("assistant", "o"))),
        ({"question": "q", "answer": "a", "context": "c"}, ("columns", "question", "answer"),
         (("system", "c"), ("user", "q"), ("assistant", "a"))),
        ({"Input": "q", "Output": "a"}, ("columns", "Input", "Output"),
         (("user", "q"), ("assistant", "a"))),
        ({"phrase": "q", "tone": "a"}, ("columns", "phrase", "tone"),
         (("user", "q"), ("assistant", "a"))),
        ({"id": 7, "text": "q", "label": "a"}, ("columns", "text", "label"),
         (("user", "q"), ("assistant", "a"))),
        ({"system": "s", "conversations": [{"from": "human", "value": "q"},
                                           {"from": "gpt", "value": "a"}]},
         ("messages", "", ""), (("system", "s"), ("user", "q"), ("assistant", "a"))),
        ({"prompt": [{"role": "user", "content": "q"}],
          "completion": [{"role": "assistant", "content": "a"}]},
         ("prompt_completion", "prompt", "completion"), (("user", "q"), ("assistant", "a"))),
        ([{"role": "user", "content": [{"type": "text", "text": "q"}]},
          {"role": "assistant", "content": "a"}],
         ("messages", "", ""), (("user", "q"), ("assistant", "a"))),
    ],
)  # fmt: skip
def test_a_convention_is_detected(
    tmp_path: Path, row: Any, mapping: tuple[str, str, str], messages: Any
) -> None:
    dataset = bring(tmp_path / "a.jsonl", lines(row, row))
    detected = dataset.mapping
    assert (detected.convention, detected.user, detected.assistant) == mapping
    assert next(read_rows(dataset.path)).messages == messages


def test_a_mapping_that_is_given_wins(tmp_path: Path) -> None:
    mapping = Mapping(convention="columns", user="answer", assistant="question")
    dataset = bring(tmp_path / "a.jsonl", lines({"question": "q", "answer": "a"}), mapping=mapping)
    assert pairs(dataset) == [("a", "q")]


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        (Mapping(user="question", assistant="gone"), "datasets.unknown-column"),
        (Mapping(user="question"), "datasets.incomplete-mapping"),
        (Mapping(convention="messages"), "datasets.incomplete-mapping"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(
    tmp_path: Path, mapping: Mapping, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        bring(tmp_path / "a.jsonl", lines({"question": "q", "answer": "a"}), mapping=mapping)
    assert refusal.value.problem.code == code


def test_malformed_lines_are_named_and_nothing_else_is_lost(tmp_path: Path) -> None:
    good = json.dumps({"prompt": "ü", "completion": "c"}, ensure_ascii=False)
    content = [
        good,
        good[:-9],  # cut
        "",
        "[1, 2]",
        "null",
        good + ",",  # from a list
        '{"prompt": "p", "completion": ""}',
        '{"completion": "c"}',
        '{"prompt": NaN, "completion": "c"}',
        '{"prompt": "tab\there", "completion": "d"}',
        '{"a":' * 5000,
        '{"prompt": "\\ud800", "completion": "c"}',
        "\0\0\0",
        '{"prompt": 3, "completion": {"team": "x"}}',
    ]
    data = (
        "\n".join(content).encode() + b'\n{"prompt": "\xff", "completion": "c"}\n' + good.encode()
    )
    dataset = bring(tmp_path / "a.jsonl", data)
    assert pairs(dataset) == [
        ("ü", "c"), ("ü", "c"), ("tab\there", "d"), ("3", '{"team":"x"}'), ("ü", "c"),
    ]  # fmt: skip
    assert [line for severity, line, _ in found(dataset) if severity == "error"] == [
        2, 4, 5, 7, 8, 9, 11, 12, 13, 15,
    ]  # fmt: skip
    assert [line for severity, line, _ in found(dataset) if severity == "warning"] == [6, 16]
    assert all(each.file == "a.jsonl" for each in dataset.findings)
    assert dataset.finding_count == 12


def test_a_broken_element_of_a_list_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    text = json.dumps([{"prompt": f"p{at}", "completion": "c"} for at in range(5)], indent=2)
    dataset = bring(tmp_path / "a.json", text.replace('"p2"', '"p2'))
    assert [prompt for prompt, _ in pairs(dataset)] == ["p0", "p1", "p3", "p4"]
    assert [(severity, line) for severity, line, _ in found(dataset)] == [("error", 10)]


def test_a_list_that_is_cut_off_keeps_its_whole_elements(tmp_path: Path) -> None:
    text = json.dumps([{"prompt": f"p{at}", "completion": "c"} for at in range(3)], indent=1)
    dataset = bring(tmp_path / "a.json", text[:-25])
    assert dataset.rows == 2
    assert {severity for severity, _, _ in found(dataset)} == {"error", "warning"}


def test_csv_as_it_occurs_in_the_wild(tmp_path: Path) -> None:
    long = "x" * 200_000
    content = (
        "\ufeffUnnamed: 0,prompt,completion,completion\r\n"
        f'0,"a ""quoted"" cell\nover lines",{long},z\r\n'
        "1,short\r\n"
        "2,too,many,cells,here\r\n"
        "\r\n"
        "3,trailing,commas,z,,\r\n"
        "4,c,d,e\r\n"
    )
    dataset = bring(tmp_path / "a.csv", content)
    assert dataset.columns == ("prompt", "completion", "completion 2")
    assert pairs(dataset) == [
        ('a "quoted" cell\nover lines', long), ("trailing", "commas"), ("c", "d"),
    ]  # fmt: skip
    assert [(severity, line) for severity, line, _ in found(dataset)] == [
        ("error", 4), ("error", 5), ("warning", 4),
    ]  # fmt: skip


def test_a_quote_that_is_never_closed_loses_one_row_only(tmp_path: Path) -> None:
    content = 'prompt,completion\na,b\n"open,c\nd,e\nf,g\n'
    dataset = bring(tmp_path / "a.csv", content)
    assert pairs(dataset) == [("a", "b"), ("d", "e"), ("f", "g")]
    assert found(dataset) == [("error", 3, "A quote is opened and never closed")]


def test_a_quote_that_swallows_rows_gives_them_back(tmp_path: Path) -> None:
    content = 'prompt,completion\n"open,c\nd,e\n"f",g\n'
    dataset = bring(tmp_path / "a.csv", content)
    assert ("d", "e") in pairs(dataset)
    assert ("f", "g") in pairs(dataset)


@pytest.mark.parametrize(
    "messages",
    [
        [{"content": "no role"}, {"role": "assistant", "content": "a"}],
        [{"role": "user", "content": "q"}],
        [{"role": "assistant", "content": "a"}],
        [{"role": "user", "content": "q"}, {"role": "assistant", "content": ""}],
        [{"role": "user", "content": "q"}, {"role": "assistant", "content": None}],
        [{"role": "user", "content": "q"}, {"role": "wizard", "content": "a"}],
        [{"role": "user", "content": {"x": 1}}, {"role": "assistant", "content": "a"}],
        [{"role": "user", "content": "q"}, {"role": "tool", "content": "a"}],
        [{"role": ["user"], "content": "q"}, {"role": "assistant", "content": "a"}],
        [],
        None,
        "text",
        [1, 2],
    ],
)
def test_an_unusable_conversation_is_left_out_with_its_reason(
    tmp_path: Path, messages: Any
) -> None:
    content = lines({"messages": TALK}, {"messages": messages}, {"messages": TALK})
    dataset = bring(tmp_path / "a.jsonl", content)
    assert dataset.rows == 2
    assert found(dataset)[0][:2] == ("error", 2)


def test_duplicates_are_kept_and_named(tmp_path: Path) -> None:
    dataset = bring(tmp_path / "a.jsonl", lines(ROWS[0], ROWS[1], ROWS[0]))
    assert dataset.rows == 3
    assert found(dataset) == [("warning", 3, "Exact duplicate of row 1")]


def test_a_duplicate_across_a_given_split_says_so(tmp_path: Path) -> None:
    row = {"prompt": "p", "completion": "c"}
    content = lines({**row, "split": "train"}, {**row, "split": "test"})
    dataset = bring(tmp_path / "a.jsonl", content)
    assert found(dataset)[0][2] == ("Repeats row 1, which is in train while this one is in test")


def test_a_given_split_is_honoured(tmp_path: Path) -> None:
    rows = [{**row, "split": ("train", "Valid", "test")[at % 3]} for at, row in enumerate(ROWS)]
    dataset = bring(tmp_path / "a.jsonl", lines(*rows))
    assert (dataset.train_rows, dataset.validation_rows, dataset.test_rows) == (17, 17, 16)
    assert dataset.split == "given by column split"


def test_a_row_keeps_its_side_when_rows_are_added(tmp_path: Path) -> None:
    rows = [{"prompt": f"p{at}", "completion": "c"} for at in range(2000)]
    few = bring(tmp_path / "few.jsonl", lines(*rows[:1000]))
    many = bring(tmp_path / "many.csv", table(rows[::-1]))
    sides = {row.messages: row.split for row in read_rows(many.path)}
    assert all(sides[row.messages] == row.split for row in read_rows(few.path))
    assert 150 < many.validation_rows < 250


def test_another_seed_and_share_give_another_split(tmp_path: Path) -> None:
    rows = lines(*({"prompt": f"p{at}", "completion": "c"} for at in range(400)))
    one = bring(tmp_path / "a.jsonl", rows)
    other = bring(tmp_path / "b.jsonl", rows, split=SplitSpec(seed=7))
    half = bring(tmp_path / "c.jsonl", rows, split=SplitSpec(validation=0.5))
    assert one.sha256 != other.sha256
    assert 150 < half.validation_rows < 250
    assert other.split == "random, seed 7"


@pytest.mark.parametrize("count", [2, 3, 5])
def test_even_the_smallest_dataset_has_both_sides(tmp_path: Path, count: int) -> None:
    for share in (0.001, 0.999):
        path = tmp_path / f"{share}.jsonl"
        dataset = bring(path, lines(*ROWS[:count]), split=SplitSpec(validation=share))
        assert dataset.train_rows >= 1
        assert dataset.validation_rows >= 1
        splits = [row.split for row in read_rows(dataset.path)]
        assert splits.count("validation") == dataset.validation_rows


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.jsonl", b"", "datasets.empty"),
        ("blank.jsonl", b"\n\n \n", "datasets.no-rows"),
        ("header.csv", b"prompt,completion\n", "datasets.no-rows"),
        ("one.csv", b"note\nhello\nworld\n", "datasets.one-column"),
        ("bad.jsonl", b"{{{{\n{{{{\n", "datasets.no-rows"),
        ("unanswered.jsonl", b'{"prompt": "p", "completion": ""}\n', "datasets.no-rows"),
        ("wide.csv", b"a," * 1_000_000 + b"\n", "datasets.too-many-columns"),
        ("deep.json", b"[" * 100_000, "datasets.no-rows"),
        ("zeros.jsonl", b"\0" * 10_000, "datasets.not-text"),
        ("number.json", b"5", "datasets.no-rows"),
    ],
)
def test_a_file_without_rows_is_refused_and_leaves_nothing(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    with pytest.raises(Refused) as refusal:
        bring(tmp_path / name, content)
    assert refusal.value.problem.code == code
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone.csv"):
        with pytest.raises(Refused):
            bring(path)


def test_findings_are_counted_but_only_the_first_are_kept(tmp_path: Path) -> None:
    good = lines(ROWS[0])
    dataset = bring(tmp_path / "a.jsonl", good + "{\n" * 1000 + good)
    assert (dataset.rows, dataset.finding_count, len(dataset.findings)) == (2, 1001, 101)


def test_alpaca_history_comes_before_the_prompt(tmp_path: Path) -> None:
    rows = [
        {"instruction": f"now {at}", "input": "", "output": "yes", "system": "s",
         "history": [["first?", "one"], ["second?", "two"]] if at else []}
        for at in range(3)
    ]  # fmt: skip
    as_lines = bring(tmp_path / "a.jsonl", lines(*rows))
    as_table = bring(
        tmp_path / "b.csv", table([{**row, "history": json.dumps(row["history"])} for row in rows])
    )
    assert as_lines.mapping.history == "history"
    first, second, _ = (row.messages for row in read_rows(as_lines.path))
    assert first == (("system", "s"), ("user", "now 0"), ("assistant", "yes"))
    assert second == (
        ("system", "s"), ("user", "first?"), ("assistant", "one"), ("user", "second?"),
        ("assistant", "two"), ("user", "now 1"), ("assistant", "yes"),
    )  # fmt: skip
    assert [row.messages for row in read_rows(as_table.path)] == [
        row.messages for row in read_rows(as_lines.path)
    ]


def test_a_history_that_is_no_list_of_pairs_is_named(tmp_path: Path) -> None:
    row = {"instruction": "i", "output": "o", "history": "we talked"}
    made = bring(tmp_path / "a.jsonl", lines(row, {**row, "history": []}))
    assert found(made)[0][2] == "'history' is no list of pairs of a question and an answer"
    assert made.rows == 1


def test_the_order_of_keys_in_a_row_does_not_count(tmp_path: Path) -> None:
    turned = [dict(reversed(row.items())) if at % 2 else row for at, row in enumerate(ROWS)]
    assert bring(tmp_path / "a.jsonl", lines(*turned)).sha256 == (
        bring(tmp_path / "b.csv", table(ROWS)).sha256
    )
    plain = [{"prompt": f"p{at}", "completion": f"c{at}", "note": "n"} for at in range(50)]
    turned = [dict(reversed(row.items())) if at > 5 else row for at, row in enumerate(plain)]
    assert bring(tmp_path / "c.jsonl", lines(*turned)).sha256 == (
        bring(tmp_path / "d.jsonl", lines(*plain)).sha256
    )
