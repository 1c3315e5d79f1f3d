import json
import os
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save_file

from engine.catalog.safetensors_header import read_header
from engine.protocol.problems import Refused

F32 = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}


def write(path: Path, header: Any, data: bytes = b"\0" * 16, *, length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)
    return path


def test_what_the_library_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    tensors: dict[str, NDArray[Any]] = {
        "a": numpy.ones((3, 5), numpy.float32),
        "b": numpy.zeros(0, numpy.float16),
    }
    save_file(tensors, path, metadata={"format": "pt"})
    read = {tensor.name: tensor for tensor in read_header(path)}
    assert read["a"].shape == (3, 5)
    assert read["a"].elements == 15
    assert path.read_bytes()[read["a"].start : read["a"].end] == tensors["a"].tobytes()
    assert read["b"].dtype == "F16"


BROKEN: dict[str, tuple[Any, bytes, int | None]] = {
    "empty object beside data": ({}, b"\0" * 16, None),
    "huge length": ({"a": F32}, b"\0" * 16, 2**63),
    "length beyond the file": ({"a": F32}, b"\0" * 16, 5000),
    "cut header": (b'{"a": {"dtype"', b"", None),
    "no object": (b"[1, 2]", b"", None),
    "not UTF-8": (b'{"\xff": 1}', b"", None),
    "cut data": ({"a": F32}, b"\0" * 15, None),
    "longer data": ({"a": F32}, b"\0" * 17, None),
    "overlap": ({"a": F32, "b": {**F32, "data_offsets": [8, 24]}}, b"\0" * 24, None),
    "same bytes twice": ({"a": F32, "b": F32}, b"\0" * 16, None),
    "gap": ({"a": {**F32, "data_offsets": [8, 24]}}, b"\0" * 24, None),
    "duplicate names": (
        b'{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},'
        b'"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}',
        b"\0" * 16,
        None,
    ),
    "wrong shape": ({"a": {**F32, "shape": [2, 3]}}, b"\0" * 16, None),
    "overflowing shape": ({"a": {**F32, "shape": [2**62, 2**62]}}, b"\0" * 16, None),
    "negative shape": ({"a": {**F32, "shape": [-2, -2]}}, b"\0" * 16, None),
    "negative offsets": ({"a": {**F32, "data_offsets": [-16, 0]}}, b"\0" * 16, None),
    "backward offsets": ({"a": {**F32, "data_offsets": [16, 0]}}, b"\0" * 16, None),
    "true as a size": ({"a": {**F32, "shape": [True, 4]}}, b"\0" * 16, None),
    "float as a size": ({"a": {**F32, "shape": [2.0, 2]}}, b"\0" * 16, None),
    "three offsets": ({"a": {**F32, "data_offsets": [0, 8, 16]}}, b"\0" * 16, None),
    "unknown dtype": ({"a": {**F32, "dtype": "F31"}}, b"\0" * 16, None),
    "list as dtype": ({"a": {**F32, "dtype": ["F32"]}}, b"\0" * 16, None),
    "extra key": ({"a": {**F32, "code": "x"}}, b"\0" * 16, None),
    "missing key": ({"a": {"dtype": "F32"}}, b"\0" * 16, None),
    "tensor is a number": ({"a": 5}, b"\0" * 16, None),
    "metadata of numbers": ({"__metadata__": {"a": 1}, "a": F32}, b"\0" * 16, None),
    "metadata is a list": ({"__metadata__": [], "a": F32}, b"\0" * 16, None),
    "deep nesting": (b'{"a":' * 100_000, b"", None),
    "very long number": (b'{"a":' + b"9" * 10_000 + b"}", b"", None),
    "a pickle": (b"\x80\x04\x95", b"", None),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, case: str) -> None:
    header, data, length = BROKEN[case]
    path = write(tmp_path / "evil.safetensors", header, data, length=length)
    with pytest.raises(Refused, match=r"evil\.safetensors is not a valid safetensors file"):
        read_header(path)


@pytest.mark.parametrize("content", [b"", b"\x08", b"\0" * 8, b"\0" * 100])
def test_files_without_a_header_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.safetensors").write_bytes(content)
    with pytest.raises(Refused):
        read_header(tmp_path / "m.safetensors")


def test_a_device_is_not_read() -> None:
    with pytest.raises(Refused, match="not a regular file"):
        read_header(Path(os.devnull))


GOOD = json.dumps({"a": F32, "b": {**F32, "data_offsets": [16, 32]}}).encode()


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(0, len(GOOD) + 7), byte=st.integers(0, 255))
def test_a_flipped_header_is_refused_or_read_consistently(
    tmp_path: Path, at: int, byte: int
) -> None:
    content = bytearray(len(GOOD).to_bytes(8, "little") + GOOD + b"\0" * 32)
    content[at] = byte
    path = tmp_path / "flipped.safetensors"
    path.write_bytes(content)
    try:
        tensors = read_header(path)
    except Refused:
        return
    assert tensors[-1].end == len(content)
    assert sum(tensor.end - tensor.start for tensor in tensors) == 32
