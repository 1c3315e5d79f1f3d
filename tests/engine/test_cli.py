import shlex
import subprocess
import sys
import time

import msgspec
import pytest

from engine.cli import COMMANDS, main
from engine.commands.datasets import datasets
from engine.protocol.options import options_of
from engine.protocol.specs import SamplingSpec, TrainSpec

HEAVY = ("torch", "transformers", "numpy", "PySide6", "starlette", "httpx", "rich", "desktop")


def run_and_list_modules(*arguments: str) -> tuple[int, str, list[str]]:
    """Exit status, output, and the heavy modules that one call of the command line imported."""
    program = (
        "import sys; from engine.cli import main; status = main(sys.argv[1:]);"
        f"print('LOADED', *[m for m in {HEAVY} if m in sys.modules]); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )
    output, _, loaded = done.stdout.rpartition("LOADED")
    return done.returncode, output, loaded.split()


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    began = time.perf_counter()
    status, output, loaded = run_and_list_modules("--help")
    print(f"--help took {time.perf_counter() - began:.2f} s")  # noqa: T201
    assert (status, loaded) == (0, [])
    for name, (_, _, summary) in COMMANDS.items():
        assert name in output
        assert summary in output


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    assert f"Usage: adapter-studio {command}" in capsys.readouterr().out


@pytest.mark.parametrize("command", datasets.commands)
def test_every_command_about_datasets_has_a_line_of_help(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["datasets", command, "--help"]) == 0
    summary = datasets.commands[command].get_short_help_str(limit=60)
    assert summary.endswith((".", "'."))
    assert not summary.endswith("...")
    assert f"Usage: adapter-studio datasets {command}" in capsys.readouterr().out


def test_the_help_of_datasets_shows_examples_that_are_understood(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["datasets", "--help"])
    lines = capsys.readouterr().out.splitlines()
    examples = [shlex.split(line) for line in lines if line.startswith("    adapter-studio ")]
    assert len(examples) >= 8
    for _, _, command, *arguments in examples:
        datasets.commands[command].make_context(command, arguments)  # raises for a wrong option


def test_the_help_of_train_and_chat_lists_every_option_of_their_spec(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command, spec in (("train", TrainSpec), ("chat", SamplingSpec)):
        main([command, "--help"])
        words = " ".join(capsys.readouterr().out.split())
        own_flags = {"base", "dataset", "name", "preset"} if command == "train" else set()
        for option in options_of(spec):
            assert option.path in own_flags or f"{option.path}=" in words


def test_the_help_of_train_imports_no_model_library() -> None:
    _, _, loaded = run_and_list_modules("train", "--help")
    assert set(loaded) <= {"rich"}


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["trian"], 2, "No such command 'trian'."),
        (["models", "show"], 2, "Missing argument 'MODEL'."),
        (["chat"], 2, "Missing option '--model'."),
        (["chat", "--model", "x", "--json"], 2, "--json needs --prompt."),
        (["datasets", "add"], 2, "Name either files or --sample."),
        (["datasets", "add", "https://example.org/a.csv"], 1, "works offline"),
        (["datasets", "add", "no/such.csv"], 1, "There is nothing at"),
        (["datasets", "show", "x", "--row", "0"], 2, "--row"),
        (["datasets", "show", "x", "--row", "1", "--rows", "1-2"], 2, "--row shows one row"),
        (["datasets", "show", "x", "--tokens"], 2, "--tokens needs --row"),
        (["datasets", "show", "x", "--rows", "9-3"], 2, "holds no rows"),
        (["datasets", "show", "x", "--finding", "dupe"], 1, "no sort of findings 'dupe'"),
        (["datasets", "fix", "x"], 2, "--all or --list"),
        (["datasets", "fix", "x", "duplicate", "--all"], 2, "--all or --list"),
        (["datasets", "fix", "x", "--list", "--ignore"], 2, "changes nothing"),
        (["datasets", "fix", "x", "copies"], 1, "no sort of findings 'copies'"),
        (["datasets", "edit", "x"], 2, "Name a row"),
        (["datasets", "edit", "x", "--row", "1"], 2, "Say what happens"),
        (["datasets", "edit", "x", "--delete"], 2, "need --row"),
        (
            ["datasets", "edit", "x", "--row", "1", "--delete", "--set", "a=b"],
            2,
            "cannot be changed",
        ),
        (["datasets", "split", "x"], 2, "Missing argument"),
        (["datasets", "restore", "x", "0"], 2, "VERSION"),
        (["datasets", "add", ".", "--map", "q=usr"], 1, "'q=usr' does not give"),
        (["datasets", "add", ".", "--split", "sead=1"], 1, "no setting 'sead'"),
        (["models", "add", "hf://someone/model"], 1, "works offline"),
        (["adapters", "import", "no-such-folder"], 1, "There is nothing at"),
    ],
)
def test_a_mistake_is_one_error_line_and_a_hint(
    arguments: list[str], status: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == status
    printed = capsys.readouterr()
    error, hint = printed.err.splitlines()
    assert error.startswith("error: ")
    assert words in error
    assert hint.startswith("hint: ")
    assert printed.out == ""


def test_the_window_is_not_started_without_a_display(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main(["open"]) == 1
    assert "no display" in capsys.readouterr().err


def test_every_process_that_is_started_from_here_stays_offline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    program = (
        "import os; from engine.cli import main; main(['-h']); print(os.environ['HF_HUB_OFFLINE'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split()[-1] == b"1"


def test_status_tells_that_no_engine_runs_and_starts_none(
    tmp_path: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADAPTER_STUDIO_HOME", str(tmp_path))
    assert main(["engine", "status", "--json"]) == 1
    assert msgspec.json.decode(capsys.readouterr().out) == {"engine": None, "file": None}
    assert main(["engine", "stop"]) == 0
