import io
import zipfile
from pathlib import Path

import pytest

from engine.catalog.recognise import recognise


def zipped(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.jsonl", b'{"a": 1}\n', "dataset"),
        ("noending", b'{"a": 1}\n', "dataset"),
        ("a.txt", b'[{"a": 1}]', "dataset"),
        ("a.csv", b"a,b\n1,2\n", "dataset"),
        ("a.dat", b"a,b\n1,2\n", "dataset"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), "dataset"),
        ("a.gguf", b"GGUF\x03\0\0\0", "model"),
        ("misnamed.csv", b"GGUF\x03\0\0\0", "model"),
        ("empty.csv", b"", ""),
        ("notes.txt", b"just words\n", "dataset"),
        ("notes", b"just words\n", ""),
        ("a.docx", b"PK\x03\x04", "dataset"),
        ("a.pdf", b"%PDF-1.7", "dataset"),
        ("model.bin", b"\x80\x02}q\0.", ""),
        ("a.zip", b"PK\x03\x04", ""),
        ("a.zip", zipped("rows.jsonl"), "dataset"),
        ("a.zip", zipped("picture.png"), ""),
        ("weights.dat", zipped("archive/data.pkl", "archive/rows.json"), ""),
        ("a.parquet", b"PAR1", "dataset"),
        ("noending2", b"ARROW1\0\0", "dataset"),
        ("stream.arrow", b"\xff\xff\xff\xff", "dataset"),
        ("a.jsonl.gz", b"\x1f\x8b\x08", "dataset"),
        ("w.safetensors", b"\x02\0\0\0\0\0\0\0{}", ""),
        ("a.exe", b"MZ\0\0\0\0", ""),
    ],
)
def test_a_file_is_known_by_its_content(
    tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    (tmp_path / name).write_bytes(content)
    found = recognise(tmp_path / name)
    assert found.kind == kind
    assert bool(found.reason) == (not kind)


def test_folders_are_known_by_their_configs(tmp_path: Path) -> None:
    assert recognise(tmp_path).kind == ""
    (tmp_path / "config.json").write_text("{}")
    assert recognise(tmp_path).kind == "model"
    (tmp_path / "adapter_config.json").write_text("{}")
    assert recognise(tmp_path).kind == "adapter"


def test_a_folder_with_data_below_it_is_a_dataset(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_text("words")
    assert recognise(tmp_path).kind == ""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train-00000-of-00001.parquet").write_bytes(b"PAR1")
    assert recognise(tmp_path).kind == "dataset"


def test_a_missing_path_is_said(tmp_path: Path) -> None:
    assert "nothing" in recognise(tmp_path / "gone").reason
