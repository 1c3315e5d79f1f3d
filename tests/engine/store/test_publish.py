import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.protocol.problems import Refused
from engine.store.publish import collect_staging, publish_folder, read_manifest, verify_folder


def fill(staging: Path) -> None:
    (staging / "weights.bin").write_bytes(b"w" * 100_000)
    (staging / "inner").mkdir()
    (staging / "inner" / "config.json").write_text("{}")


def test_a_published_folder_has_a_manifest_of_all_its_files(tmp_path: Path) -> None:
    target = publish_folder(tmp_path / "thing", fill)
    assert [file.name for file in read_manifest(target)] == ["inner/config.json", "weights.bin"]
    verify_folder(target)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thing"]


def test_a_write_that_raises_leaves_nothing(tmp_path: Path) -> None:
    def write(staging: Path) -> None:
        fill(staging)
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        publish_folder(tmp_path / "thing", write)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_in_plain_words(tmp_path: Path) -> None:
    def write(staging: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(Refused) as refusal:
        publish_folder(tmp_path / "thing", write)
    assert refusal.value.problem.code == "disk.full"
    assert list(tmp_path.iterdir()) == []


def test_an_existing_target_is_never_overwritten(tmp_path: Path) -> None:
    publish_folder(tmp_path / "thing", fill)
    with pytest.raises(Refused, match="exists already"):
        publish_folder(tmp_path / "thing", fill)
    verify_folder(tmp_path / "thing")


KILLED = """
import os, signal, sys
from pathlib import Path
from engine.store.publish import publish_folder

calls = 0
real, mark = {call}, int(sys.argv[2])

def counted(*arguments, **keywords):
    global calls
    calls += 1
    if calls == mark:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **keywords)

def write(staging):
    for name in "abc":
        (staging / name).write_bytes(name.encode() * 5000)

{call} = counted
publish_folder(Path(sys.argv[1]) / "thing", write)
"""


@pytest.mark.parametrize("call", ["os.fsync", "os.open", "Path.rename", "Path.mkdir"])
def test_a_kill_at_any_step_leaves_the_whole_thing_or_nothing(tmp_path: Path, call: str) -> None:
    for mark in range(1, 20):
        parent = tmp_path / f"kill-{mark}"
        parent.mkdir()
        source = KILLED.replace("{call}", call)
        done = subprocess.run(
            [sys.executable, "-c", source, str(parent), str(mark)],
            env={**os.environ, "PYTHONPATH": os.getcwd()},
            check=False,
        )
        collect_staging(parent)
        if (parent / "thing").exists():
            verify_folder(parent / "thing")
            assert len(read_manifest(parent / "thing")) == 3
        assert [entry.name for entry in parent.iterdir()] in ([], ["thing"])
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    else:
        pytest.fail("never came to the end")


@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "add"])
def test_any_later_change_is_named(tmp_path: Path, damage: str) -> None:
    target = publish_folder(tmp_path / "thing", fill)
    file = target / "weights.bin"
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[77] ^= 1
        file.write_bytes(content)
    elif damage == "cut":
        file.write_bytes(content[:-1])
    elif damage == "remove":
        file.unlink()
    else:
        file = target / "extra.py"
        file.write_text("print('hello')")
    with pytest.raises(Refused, match=file.name):
        verify_folder(target)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b", ""])
def test_a_manifest_that_points_outside_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "manifest.json").write_text(
        json.dumps({"files": [{"name": name, "size_bytes": 1, "sha256": "00"}]})
    )
    with pytest.raises(Refused, match="outside"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '{"files": 3}', "\x00"])
def test_a_broken_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(Refused, match="manifest cannot be read"):
        read_manifest(tmp_path)
