"""`adapter-studio runs` as a person uses it, on runs that were trained."""

import re
import signal
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import msgspec
import pytest

from engine.protocol.records import Adapter, BaseModel, Run
from engine.protocol.run_comparison import events_folder
from tests.end2end.conftest import CommandLine

pytestmark = pytest.mark.slow

SHORT = ("--set", "max_steps=3", "--set", "batch_size=4", "--set", "threads=1")


@pytest.fixture(scope="module")
def pair(cli: CommandLine, base: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """Two runs that differ in their rank and their learning rate."""
    data = tmp_path_factory.mktemp("data") / "letters.jsonl"
    rows = (f'{{"prompt": "Letter {n}?", "completion": "It is {n}."}}\n' for n in range(40))
    data.write_text("".join(rows))
    for name, more in (("first", ("rank=2",)), ("second", ("rank=4", "learning_rate=0.001"))):
        settings = [part for each in more for part in ("--set", each)]
        cli.read(Adapter, "train", "--base", base.name, "--data", str(data), "--name", name,
                 *SHORT, *settings, "--wait")  # fmt: skip
    found = {run.name: run for run in cli.read(list[Run], "runs", "list")}
    return [found["first"], found["second"]]


def test_a_run_is_shown_with_its_figures(cli: CommandLine, pair: list[Run]) -> None:
    words = cli.run("runs", "show", f"#{pair[0].number}")[0]
    for expected in ("Best validation", "Tokens per second", "Peak memory", "Gradient norm"):
        assert expected in words
    assert str(events_folder(pair[0])) in re.sub(r"\s+", "", words)
    whole: dict[str, Any] = msgspec.json.decode(cli.run("runs", "show", "first", "--json")[0])
    assert len([point for point in whole["metrics"] if point["train_loss"]]) == 3


def test_two_runs_are_compared_by_what_differs(cli: CommandLine, pair: list[Run]) -> None:
    words = cli.run("runs", "compare", "first", "second")[0]
    assert re.search(r"Rank\s+2\s+4\n", words)
    assert re.search(r"Learning rate\s+\S+\s+0.001\n", words)
    assert "Batch size" not in words
    assert "Peak memory" in words
    _, errors = cli.run("runs", "compare", "first", "first", status=1)
    assert "Two runs are needed." in errors


def test_the_folders_of_tensorboard_are_printed(cli: CommandLine, pair: list[Run]) -> None:
    printed = cli.run("runs", "tensorboard", "--print-only", "first", "second")[0].split("\n")
    assert [Path(line) for line in printed[:2]] == [Path(events_folder(run)) for run in pair]
    assert all(any(Path(line).iterdir()) for line in printed[:2])


def test_tensorboard_shows_them_on_this_machine_alone(cli: CommandLine, pair: list[Run]) -> None:
    with cli.start("runs", "tensorboard", "first", "second") as process:
        assert process.stderr is not None
        address = ""
        for line in process.stderr:
            found = re.search(r"http://\S+", line)
            if found:
                address = found.group()
                break
        assert address.startswith("http://127.0.0.1:"), address
        with urlopen(f"{address}data/runs") as answer:
            shown = {name.removesuffix("/.") for name in msgspec.json.decode(answer.read())}
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert shown == {f"{run.number}-{run.name}" for run in pair}
