import contextlib
import struct
from pathlib import Path

import gguf
import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.catalog.gguf_header import read_gguf_header
from engine.protocol.problems import Refused


def write_gguf(path: Path) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Tiny")
    writer.add_string("general.license", "mit")
    writer.add_array("tokenizer.ggml.tokens", ["a", "b", "c"])
    writer.add_tensor("blk.0.attn_q.weight", numpy.ones((4, 8), numpy.float32))
    writer.add_tensor("output_norm.weight", numpy.ones(8, numpy.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_good_file_says_what_it_is(tmp_path: Path) -> None:
    header = read_gguf_header(write_gguf(tmp_path / "tiny.gguf"))
    assert (header.architecture, header.name, header.licence) == ("llama", "Tiny", "mit")
    assert (header.tensors, header.elements) == (2, 40)


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    content = write_gguf(tmp_path / "tiny.gguf").read_bytes()
    for length in range(0, len(content) - 32, 7):
        (tmp_path / "cut.gguf").write_bytes(content[:length])
        with pytest.raises(Refused):
            read_gguf_header(tmp_path / "cut.gguf")


@pytest.mark.parametrize("at", [8, 16, 24])
def test_huge_counts_are_refused_at_once(tmp_path: Path, at: int) -> None:
    content = bytearray(write_gguf(tmp_path / "tiny.gguf").read_bytes())
    content[at : at + 8] = struct.pack("<Q", 2**63)
    (tmp_path / "tiny.gguf").write_bytes(content)
    with pytest.raises(Refused, match="claims"):
        read_gguf_header(tmp_path / "tiny.gguf")


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.integers(0, 300), byte=st.integers(0, 255))
def test_a_flipped_byte_is_read_or_refused_but_never_a_crash(
    tmp_path: Path, at: int, byte: int
) -> None:
    path = tmp_path / "tiny.gguf"
    content = bytearray(write_gguf(path).read_bytes())
    content[at] = byte
    path.write_bytes(content)
    with contextlib.suppress(Refused):
        read_gguf_header(path)
