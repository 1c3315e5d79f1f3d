"""Disks that take nothing more, or nothing at all: real ones where that is possible."""

import gc
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.protocol.problems import Problem, Refused
from engine.protocol.records import Checkpoint
from engine.store.disk import LEFT_FREE, free_bytes, refuse_without_room
from engine.store.publish import publish_folder
from engine.workers.checkpoints import Checkpoints
from engine.workers.write_errors import as_os_errors

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
WEIGHTS = {"weights": torch.arange(8_000_000, dtype=torch.float32)}  # 32 MB


def with_safetensors(folder: Path) -> None:
    save_file(WEIGHTS, folder / "weights.safetensors")


def with_torch(folder: Path) -> None:
    torch.save(WEIGHTS, folder / "optimizer.pt")


def with_python(folder: Path) -> None:
    (folder / "rows").write_bytes(WEIGHTS["weights"].numpy().tobytes())


WRITERS = pytest.mark.parametrize("write", [with_safetensors, with_torch, with_python])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if not ROOT or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def problem_of_saving(folder: Path, write: object) -> Problem:
    checkpoints = Checkpoints(str(folder), {})
    checkpoints.open()
    with pytest.raises(Refused) as refusal:
        checkpoints.save(Checkpoint(1, ""), write)  # type: ignore[arg-type]
    assert not any(checkpoints.folder.iterdir()), "something half-written stayed"
    assert checkpoints.newest() is None
    return refusal.value.problem


@WRITERS
def test_a_disk_that_fills_while_a_checkpoint_is_written_is_said_by_every_writer(
    small_disk: Path, write: object
) -> None:
    problem = problem_of_saving(small_disk, write)
    assert problem.code == "disk.full"
    gc.collect()  # torch's writer holds its file until it is gone itself
    assert free_bytes(small_disk) > 20_000_000


@WRITERS
def test_a_limit_on_the_size_of_files_is_said_by_every_writer(
    tmp_path: Path, write: object
) -> None:
    with largest_file(1_000_000):
        problem = problem_of_saving(tmp_path, write)
    assert problem.code == "files.unwritable"
    assert "file too large" in problem.message


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_read_only_is_said(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(Refused, match="read-only file system"):
        publish_folder(small_disk / "thing", lambda folder: None)
    with pytest.raises(Refused, match="read-only file system"):
        Checkpoints(str(small_disk), {}).open()


def test_a_folder_of_somebody_else_is_said(tmp_path: Path) -> None:
    if not ROOT:
        pytest.skip("only root may act as somebody else")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    os.seteuid(65534)
    try:
        with pytest.raises(Refused, match="permission denied") as refusal:
            publish_folder(tmp_path / "thing", lambda folder: None)
    finally:
        os.seteuid(0)
    assert refusal.value.problem.code == "files.unwritable"


def test_room_is_asked_for_before_anything_is_written(small_disk: Path) -> None:
    free = free_bytes(small_disk / "not" / "there")
    refuse_without_room(small_disk, "a checkpoint", free - LEFT_FREE)
    with pytest.raises(Refused) as refusal:
        refuse_without_room(small_disk, "a checkpoint", free - LEFT_FREE + 1)
    problem = refusal.value.problem
    assert problem.message == "Disk full: a checkpoint needs 25.2 MB, 25.2 MB are free."
    assert problem.needs_bytes == free + 1


def test_other_errors_of_the_writers_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="shapes"), as_os_errors(tmp_path):
        raise RuntimeError("shapes do not match")


def test_a_writer_that_does_not_look_leaves_half_a_file(small_disk: Path) -> None:
    """What the harness above has to tell apart: the usual way of writing, and its words."""
    with pytest.raises(RuntimeError, match="unexpected pos"):
        with_torch(small_disk)
    assert (small_disk / "optimizer.pt").stat().st_size > 0
