from msgspec.structs import replace

from desktop.features.datasets.cells import cell_of, shown_columns
from engine.protocol.dataset_specs import Mapping
from engine.protocol.records import Dataset, Row
from tests.desktop.features.records import TICKETS


def cells(mapping: Mapping, row: Row, *columns: str) -> dict[str, str]:
    dataset: Dataset = replace(TICKETS, mapping=mapping, columns=columns)
    return {column: cell_of(dataset, row, column) for column in shown_columns(dataset)}


def test_a_preference_shows_its_prompt_and_both_answers() -> None:
    row = Row(
        1, 1, "train",
        (("system", "s"), ("user", "Why?"), ("assistant", "So\nit is.")),
        rejected=(("assistant", "No."),),
    )  # fmt: skip
    mapping = Mapping("preference", chosen="chosen", rejected="rejected")
    assert cells(mapping, row) == {"prompt": "Why?", "chosen": "So it is.", "rejected": "No."}


def test_an_unpaired_preference_shows_its_mark() -> None:
    row = Row(
        1, 1, "train", (), {"prompt": "Why?", "completion": "So.", "label": "False", "n": "1"}
    )
    mapping = Mapping("unpaired", user="prompt", assistant="completion", label="label")
    assert cells(mapping, row, "n", "label", "prompt", "completion") == {
        "prompt": "Why?", "completion": "So.", "label": "False",
    }  # fmt: skip


def test_segments_show_what_is_read_and_what_is_learned() -> None:
    row = Row(1, 1, "train", (("masked", "Why?"), ("text", "So."), ("text", "Yes.")))
    assert cells(Mapping("segments", segments="parts"), row) == {
        "only read": "Why?", "learned": "So. … Yes.",
    }  # fmt: skip


def test_a_conversation_that_ends_with_a_call_shows_the_call() -> None:
    row = Row(1, 1, "train", (("user", "Why?"), ("assistant", ""), ("tool_calls", "[{}]")))
    assert cells(Mapping("messages", messages="m"), row) == {"user": "Why?", "assistant": "[{}]"}
