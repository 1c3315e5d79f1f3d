"""Presets, settings files and forecasts through the command line and the engine's own routes."""

import tomllib
from pathlib import Path

import pytest

from engine.client import EngineClient
from engine.protocol.jobs import JobKind
from engine.protocol.method_specs import METHODS, kind_of
from engine.protocol.options import with_values
from engine.protocol.records import BaseModel, Dataset, Forecast, Run
from engine.protocol.specs import Preset, TrainSpec
from tests.end2end.conftest import CommandLine

pytestmark = pytest.mark.slow
LONG = ("--set", "epochs=1000", "--set", "threads=1")


@pytest.fixture(scope="module")
def data(cli: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("data") / "words.jsonl"
    rows = (f'{{"prompt": "Say {number}.", "completion": "{number}."}}' for number in range(40))
    path.write_text("\n".join(rows))
    cli.run("datasets", "add", str(path), "--name", "words")
    return cli.read(Dataset, "datasets", "show", "words")


def start(cli: CommandLine, *arguments: str) -> Run:
    """Queued and cancelled at once: what matters here is its spec."""
    run = cli.read(Run, *arguments)
    cli.run("jobs", "cancel", run.job)
    return run


@pytest.fixture(scope="module")
def run(cli: CommandLine, base: BaseModel, data: Dataset) -> Run:
    return start(
        cli, "train", "--base", base.name, "--data", data.name, "--name", "first", *LONG,
        "--set", "method=ia3",
    )  # fmt: skip


def test_a_preset_s_learning_rate_goes_with_the_method(run: Run) -> None:
    assert kind_of(run.spec.method) == "ia3"
    assert run.spec.learning_rate == pytest.approx(4.5e-3)


def test_a_preset_is_saved_used_renamed_exported_and_deleted(
    cli: CommandLine, base: BaseModel, data: Dataset, tmp_path: Path
) -> None:
    saved = cli.read(
        Preset, "presets", "save", "Gentle", "--set", "method=vera", "--set", "epochs=2"
    )
    assert saved.values == {"method.kind": "vera", "learning_rate": 6e-3, "epochs": 2.0}
    assert "Gentle" in cli.run("presets", "list")[0]
    begun = start(cli, "train", "--base", base.name, "--data", data.name, "--preset", "gentle")
    assert (kind_of(begun.spec.method), begun.spec.preset) == ("vera", "Gentle")
    cli.run("presets", "rename", "Gentle", "Kind")
    cli.run("presets", "export", "Kind", str(tmp_path / "kind.toml"))
    _, errors = cli.run("presets", "export", "Kind", str(tmp_path / "kind.toml"), status=1)
    assert "is there already" in errors
    _, errors = cli.run("presets", "delete", "Kind")
    cli.run("restore", errors.split()[-1])
    cli.run("presets", "delete", "Kind")
    again = cli.read(Preset, "presets", "import", str(tmp_path / "kind.toml"), "--name", "Back")
    assert again.values == saved.values
    cli.run("presets", "delete", "Back")
    assert [each.id for each in cli.read(list[Preset], "presets", "list")] == [
        "quick", "balanced", "thorough",
    ]  # fmt: skip


def test_a_run_s_settings_start_another_from_a_file(
    cli: CommandLine, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "run.toml"
    path.write_text(cli.run("runs", "export", "first")[0])
    plain = tomllib.loads(path.read_text())
    assert (plain["base"], plain["dataset"]) == ("Tiny", "words")
    other = start(cli, "runs", "start", "--spec", str(path), "--set", "seed=7")
    assert (other.spec.dataset, other.spec.seed, other.name) == (run.spec.dataset, 7, "first")
    assert other.spec.method == run.spec.method


def test_what_a_file_names_and_is_not_here_is_said_with_what_to_do(
    cli: CommandLine, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "run.toml"
    path.write_text(cli.run("runs", "export", "first")[0].replace("words", "letters"))
    _, errors = cli.run("runs", "start", "--spec", str(path), status=1)
    assert errors.startswith("error: There is no dataset 'letters'.")
    assert "--data" in errors
    start(cli, "runs", "start", "--spec", str(path), "--data", "words")
    path.write_text("base = 3")
    _, errors = cli.run("runs", "start", "--spec", str(path), status=1)
    assert "Expected `str`" in errors


def test_a_run_is_run_again_with_another_method(cli: CommandLine, run: Run) -> None:
    again = start(
        cli, "runs", "again", f"#{run.number}", "--set", "method=lora", "--name", "second"
    )
    assert kind_of(again.spec.method) == "lora"
    assert again.spec.learning_rate == pytest.approx(3e-4)
    assert (again.name, again.spec.epochs, again.spec.threads) == ("second", 1000.0, 1)
    assert "second" in cli.run("runs", "list")[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("presets", "delete", "quick"), "no preset of yours"),
        (("presets", "save", "Quick"), "name of the application"),
        (("presets", "save", "x", "--set", "epochs=-1"), "epochs"),
        (("presets", "export", "quik"), "no preset 'quik'"),
        (("presets", "import", "no.toml"), "cannot be read"),
        (("runs", "export", "nothing"), "no run 'nothing'"),
        (("runs", "again", "first", "--set", "method=magic"), "magic"),
    ],
)
def test_what_cannot_be_done_is_one_error_line(
    cli: CommandLine, run: Run, arguments: tuple[str, ...], words: str
) -> None:
    _, errors = cli.run(*arguments, status=1)
    assert errors.startswith("error: ")
    assert words in errors


def test_only_the_first_of_several_forecasts_is_measured(
    cli: CommandLine, base: BaseModel, data: Dataset
) -> None:
    client = EngineClient.attach(cli.home)
    assert client is not None
    plain = TrainSpec(base.id, data.id, threads=1)
    specs = [plain, *(with_values(plain, {"method.kind": each.kind}) for each in METHODS)]
    first = client.post("/api/forecasts", specs, list[Forecast])
    assert all(each.trainable > 0 for each in first)
    for job in client.state().jobs:
        if job.kind in (JobKind.MEASURE, JobKind.COUNT_TOKENS):
            client.wait_for_job(job.id)
    assert len([job for job in client.state().jobs if job.kind is JobKind.MEASURE]) == 1
    made = client.post("/api/forecasts", specs, list[Forecast])
    assert [each.memory_estimated for each in made] == [False, False] + [True] * (len(METHODS) - 1)
    assert all(each.memory_bytes for each in made)
    assert [each.seconds is None for each in made] == [False, False] + [True] * (len(METHODS) - 1)
