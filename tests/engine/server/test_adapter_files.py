"""The check of an adapter's files, over real files."""

from pathlib import Path

from engine.protocol.records import Adapter, AdapterFile, FileCheck
from engine.server.routes.adapters import checks
from engine.store.hashing import sha256_file


def test_changed_and_missing_files_are_told_from_intact_ones(tmp_path: Path) -> None:
    names = ("adapter_model.safetensors", "adapter_config.json", "README.md")
    for name in names:
        (tmp_path / name).write_bytes(b"as published " + name.encode())
    files = tuple(
        AdapterFile(name, (tmp_path / name).stat().st_size, sha256_file(tmp_path / name))
        for name in names
    )
    adapter = Adapter(
        id="a" * 32, name="tickets", version=1, path=str(tmp_path), hash="", files=files
    )
    assert {check.state for check in checks(adapter)} == {"intact"}

    (tmp_path / "adapter_config.json").write_bytes(b"edited by hand")
    (tmp_path / "README.md").unlink()

    assert checks(adapter) == [
        FileCheck("adapter_model.safetensors", "intact"),
        FileCheck("adapter_config.json", "changed"),
        FileCheck("README.md", "missing"),
    ]
