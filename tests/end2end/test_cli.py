"""The command line as a person uses it: processes of its own against a real engine."""

import signal
from pathlib import Path

import pytest

from engine.client import EngineClient
from engine.commands.engine_process import EngineStatus
from engine.protocol.events import ChatDone
from engine.protocol.jobs import Job, JobKind, JobState
from engine.protocol.options import get_value
from engine.protocol.records import Adapter, BaseModel, Dataset, Run
from tests.end2end.conftest import WITHIN_S, CommandLine

pytestmark = pytest.mark.slow

ROWS = "".join(
    f'{{"prompt": "Say number {number}.", "completion": "It is {number}."}}\n'
    for number in range(40)
)
SHORT = ("--set", "max_steps=3", "--set", "rank=2", "--set", "batch_size=4", "--set", "threads=1")
LONG = ("--set", "epochs=1000", "--set", "rank=2", "--set", "batch_size=4", "--set", "threads=1")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "numbers.jsonl"
    path.write_text(ROWS)
    return path


@pytest.fixture(scope="module")
def adapter(cli: CommandLine, base: BaseModel, data: Path) -> Adapter:
    return cli.read(
        Adapter, "train", "--base", base.name, "--data", str(data), "--name", "mine",
        *SHORT, "--wait",
    )  # fmt: skip


def test_status_leads_programs_to_the_engine(cli: CommandLine) -> None:
    status = cli.read(EngineStatus, "engine", "status")
    assert status.engine is not None
    assert status.file is not None
    assert status.engine.pid == status.file.pid
    words = cli.run("engine", "status")[0]
    assert f"{status.file.base_url}/v1" in words
    assert status.file.token in words


def test_a_model_folder_is_added_by_reference(cli: CommandLine, base: BaseModel) -> None:
    assert base.architecture == "llama"
    assert base in cli.read(list[BaseModel], "models", "list")
    assert "Tiny" in cli.run("models", "list")[0]
    _, errors = cli.run("models", "add", base.path, status=1)
    assert errors.splitlines()[-2].startswith("error: ")


def test_columns_can_be_named_and_findings_are_shown(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "faq.csv"
    path.write_text("question,answer,note\nWhy?,Because.,x\nHow?,So.,y\nWhen?,Now.,z\n")
    cli.run(
        "datasets", "add", str(path), "--name", "faq", "--user", "question",
        "--assistant", "answer", "--set", "seed=7",
    )  # fmt: skip
    dataset = cli.read(Dataset, "datasets", "show", "faq")
    assert (dataset.mapping.user, dataset.mapping.assistant) == ("question", "answer")
    assert (dataset.rows, dataset.split) == (3, "random, seed 7")
    _, errors = cli.run("datasets", "remove", dataset.id[:8])
    undo = errors.split()[-1]
    cli.run("datasets", "show", "faq", status=1)
    cli.run("restore", undo)
    assert cli.read(Dataset, "datasets", "show", "faq") == dataset


def test_files_of_one_dataset_are_added_together_and_read_again_as_they_were(
    cli: CommandLine, tmp_path: Path
) -> None:
    train, test = tmp_path / "train.csv", tmp_path / "test.jsonl"
    train.write_text("question,answer\n" + "".join(f"Why {at}?,{at}\n" for at in range(40)))
    test.write_text('{"question": "Why not?", "answer": "Because"}\n')
    cli.run(
        "datasets", "add", str(train), str(test), "--name", "both",
        "--set", "validation=0.5", "--set", "seed=7",
    )  # fmt: skip
    dataset = cli.read(Dataset, "datasets", "show", "both")
    assert (dataset.rows, dataset.test_rows) == (41, 1)
    assert 10 <= dataset.validation_rows <= 30
    client = EngineClient.attach(cli.home)
    assert client is not None
    reading = client.patch(f"/api/datasets/{dataset.id}", {}, Job)
    cli.run("jobs", "wait", reading.id)
    again = cli.read(Dataset, "datasets", "show", "both")
    assert (again.version, again.parts, again.split_spec.seed) == (2, (str(test),), 7)
    assert again.sha256 == dataset.sha256


def test_training_waits_for_an_adapter_and_adds_the_file_only_once(
    cli: CommandLine, base: BaseModel, data: Path, adapter: Adapter
) -> None:
    assert (adapter.name, adapter.base, adapter.rank) == ("mine", base.id, 2)
    assert adapter in cli.read(list[Adapter], "adapters", "list")
    assert cli.read(Adapter, "adapters", "show", adapter.id[:8]) == adapter
    assert "Validation loss" in cli.run("adapters", "show", "mine")[0]
    jobs = cli.read(list[Job], "jobs", "list")
    trained = next(job for job in jobs if job.kind is JobKind.TRAIN)
    assert trained.state is JobState.DONE
    assert cli.read(Job, "jobs", "show", "mine") == trained
    cli.run("jobs", "wait", trained.id)
    cli.run("jobs", "log", trained.id[:8], "--tail", "5")
    again = cli.read(Run, "train", "--base", "Tiny", "--data", str(data), "--name", "again", *LONG)
    cli.run("jobs", "cancel", again.job)
    assert again.spec.dataset == adapter.dataset
    assert get_value(again.spec, "method.rank") == 2


def test_ctrl_c_stops_the_watching_and_not_the_training(
    cli: CommandLine, adapter: Adapter, data: Path
) -> None:
    arguments = ("train", "--base", "Tiny", "--data", str(data), "--name", "long", *LONG, "--wait")
    with cli.start(*arguments) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("Train long"):
                break
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 130, errors
    assert "goes on in the background" in errors
    job = cli.read(Job, "jobs", "show", errors.split()[-1])
    assert job.active
    cli.run("jobs", "cancel", "long")
    assert cli.read(Job, "jobs", "show", "long").state is JobState.CANCELLED
    _, errors = cli.run("jobs", "wait", "long", status=1)
    assert "was cancelled" in errors


def test_a_prompt_is_answered_by_the_base_and_by_its_adapter(
    cli: CommandLine, adapter: Adapter
) -> None:
    asked = ("--prompt", "Say number 3.", "--set", "max_tokens=8", "--set", "temperature=0")
    plain = cli.read(ChatDone, "chat", "--model", "Tiny", *asked)
    assert plain.stamp.adapter is None
    trained = cli.read(ChatDone, "chat", "--model", "Tiny:mine", *asked)
    assert trained.stamp.adapter_hash == adapter.hash
    output, errors = cli.run("chat", "--model", "Tiny:mine", *asked)
    assert output.rstrip("\n") == trained.text.rstrip("\n")
    assert "tokens at" in errors


def test_a_conversation_swaps_adapters_between_two_lines(
    cli: CommandLine, adapter: Adapter
) -> None:
    typed = "Hello\n/adapter mine\nHello again\n/base\n/quit\nnever asked\n"
    _, errors = cli.run("chat", "--model", "Tiny", "--set", "max_tokens=4", typed=typed)
    stamps = [line.split(" ")[0] for line in errors.splitlines() if line.startswith("[")]
    assert stamps == ["[base", "[mine"]
    assert adapter.name == "mine"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("models", "show", "Huge"), "There is no base model 'Huge'."),
        (("chat", "--model", "Tiny:other", "--prompt", "x"), "There is no adapter 'other'."),
        (("chat", "--model", "Huge:mine", "--prompt", "x"), "There is no base model 'Huge'."),
        (("train", "--base", "Tiny", "--data", "no.csv"), "There is no dataset 'no.csv'."),
        (("train", "--base", "Tiny", "--data", "x", "--preset", "fast"), "no preset 'fast'"),
        (("train", "--base", "Tiny", "--data", "x", "--set", "rnk=1"), "no setting 'rnk'"),
        (("jobs", "show", "ffffffff"), "There is no job 'ffffffff'."),
        (("restore", "0" * 32), ""),
    ],
)
def test_what_is_not_there_is_one_error_line(
    cli: CommandLine, adapter: Adapter, arguments: tuple[str, ...], words: str
) -> None:
    del adapter  # it only has to be there
    output, errors = cli.run(*arguments, status=1)
    error = errors.splitlines()[0]
    assert error.startswith("error: ")
    assert words in error
    assert output == ""


def test_two_starters_at_once_end_with_one_engine(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "fresh")
    starters = [line.start("engine", "start") for _ in range(3)]
    said = [process.communicate(timeout=WITHIN_S)[1] for process in starters]
    assert [process.returncode for process in starters] == [0, 0, 0], said
    assert len(set(said)) == 1
    line.run("engine", "stop")
