from pathlib import Path

from tests.fakes.tiny_model import write_tiny_model


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    first = content(write_tiny_model(tmp_path / "a"))
    assert content(write_tiny_model(tmp_path / "b")) == first
    assert content(write_tiny_model(tmp_path / "c", seed=1)) != first
