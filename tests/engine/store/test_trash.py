import time
from pathlib import Path

import pytest

from engine.protocol.problems import Refused
from engine.store.trash import KEEP_S, empty_trash, move_to_trash, restore


def test_a_deletion_can_be_undone_with_its_payload(tmp_path: Path) -> None:
    folder = tmp_path / "adapters" / "one"
    folder.mkdir(parents=True)
    (folder / "file").write_text("content")
    identity = move_to_trash(folder, tmp_path / "trash", b"\x00row")
    assert not folder.exists()
    note = restore(tmp_path / "trash", identity)
    assert note.content == b"\x00row"
    assert (folder / "file").read_text() == "content"
    assert list((tmp_path / "trash").iterdir()) == []


def test_a_record_without_a_folder_can_be_trashed_too(tmp_path: Path) -> None:
    identity = move_to_trash(None, tmp_path / "trash", b"row")
    assert restore(tmp_path / "trash", identity).content == b"row"


def test_a_taken_place_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    identity = move_to_trash(folder, tmp_path / "trash")
    folder.mkdir()
    with pytest.raises(Refused, match="exists already"):
        restore(tmp_path / "trash", identity)


@pytest.mark.parametrize("identity", ["", "..", "../one", "0" * 32])
def test_an_unknown_deletion_is_refused(tmp_path: Path, identity: str) -> None:
    (tmp_path / "trash").mkdir()
    with pytest.raises(Refused) as refusal:
        restore(tmp_path / "trash", identity)
    assert refusal.value.status == 404


def test_the_trash_is_emptied_after_thirty_days(tmp_path: Path) -> None:
    trash = tmp_path / "trash"
    folder = tmp_path / "one"
    folder.mkdir()
    move_to_trash(folder, trash)
    assert empty_trash(trash) == 0

    assert empty_trash(trash, now=time.time() + KEEP_S + 1) == 1
    assert list(trash.iterdir()) == []
