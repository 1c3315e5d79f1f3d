import pytest

from engine.protocol.checkpoint_names import CheckpointName, checkpoint_named


@pytest.mark.parametrize("run", ["a" * 32, "#3", "support triage r16", "who@where"])
def test_a_name_is_read_as_it_was_written(run: str) -> None:
    name = CheckpointName(run, 120)
    assert checkpoint_named(str(name)) == name


@pytest.mark.parametrize("text", ["", "@", "@5", "run@", "run@-5", "run@5.0", "run@five", "run@²"])
def test_what_names_no_checkpoint_is_none(text: str) -> None:
    assert checkpoint_named(text) is None
