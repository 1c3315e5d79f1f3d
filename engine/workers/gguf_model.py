"""Makes a Hugging Face folder out of a .gguf file."""

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from engine.catalog.gguf_header import GgufHeader, read_gguf_header
from engine.catalog.scan import scan_model
from engine.protocol.records import BaseModel
from engine.store.publish import publish_folder
from engine.workers.foreign import refusing
from engine.workers.tokens import load_tokenizer

Progress = Callable[[float, str], None]
FLOAT32_LIMIT = 2_000_000_000  # parameters; larger models are written in bfloat16
THREADS = 2
# Shares of the whole work at which its parts begin, measured with a model of 135 million.
LIBRARIES, READING, CONVERTING, SAVING, FINGERPRINT = 0.02, 0.2, 0.6, 0.85, 0.95


class Conversion(Struct, frozen=True):
    """A .gguf file and what its record will say."""

    identity: str
    name: str
    gguf: Path
    target: Path
    source: str = "gguf"
    licence: str = ""
    special_ids: dict[str, int] | None = None  # for generation; None: the file's own


def convert_gguf(wanted: Conversion, progress: Progress) -> BaseModel:
    """Dequantize a .gguf into a published folder with weights, config and tokenizer.

    float32 up to two billion parameters, bfloat16 beyond. Raises Refused when the file is damaged
    or its architecture is unknown.
    """
    header = read_gguf_header(wanted.gguf)
    progress(LIBRARIES, "Loading the libraries")

    def write(staging: Path) -> None:
        with refusing(
            "models.gguf-conversion",
            f"{wanted.gguf.name} ({header.architecture}) cannot be converted",
            "Choose another file, or the model's own Hugging Face folder.",
        ):
            _convert(wanted, header, staging, progress)
        load_tokenizer(staging)

    publish_folder(wanted.target, write)
    progress(FINGERPRINT, "Taking the fingerprint")
    return scan_model(
        wanted.target,
        identity=wanted.identity,
        name=wanted.name,
        source=wanted.source,
        licence=wanted.licence or header.licence,
        progress=lambda share: progress(
            FINGERPRINT + (1 - FINGERPRINT) * share, "Taking the fingerprint"
        ),
    )


def _convert(wanted: Conversion, header: GgufHeader, staging: Path, progress: Progress) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, GgufConfig

    torch.set_num_threads(THREADS)
    folder, name = str(wanted.gguf.parent), wanted.gguf.name
    with _quick_reading(header, progress):
        progress(READING, "Reading the tokenizer")
        tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name, local_files_only=True)
        progress(CONVERTING, "Reading the weights")
        # Without dequantize=True the weights stay packed and save_pretrained refuses.
        model = AutoModelForCausalLM.from_pretrained(
            folder,
            gguf_file=name,
            dtype=torch.float32 if header.elements <= FLOAT32_LIMIT else torch.bfloat16,
            quantization_config=GgufConfig(dequantize=True),
            local_files_only=True,
        )
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.config.architectures = [type(model).__name__]
    ids = wanted.special_ids or _special_ids(tokenizer)
    model.generation_config = GenerationConfig(**ids)
    model.config.update(ids)
    tokenizer.model_max_length = getattr(model.config, "max_position_embeddings", 2048)
    tokenizer.padding_side = "right"
    progress(SAVING, "Writing the model")
    model.save_pretrained(staging)
    tokenizer.save_pretrained(staging)


def _special_ids(tokenizer: Any) -> dict[str, int]:
    ids = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id
        if tokenizer.pad_token_id is not None
        else tokenizer.eos_token_id,
    }
    return {name: value for name, value in ids.items() if value is not None}


@contextmanager
def _quick_reading(header: GgufHeader, progress: Progress) -> Iterator[None]:
    """Let transformers parse the file once instead of three times, and say how far it is.

    transformers 5.23 builds a GGUFReader for the config, the tokenizer and the weights, each some
    seconds of pure Python, and the name map of the architecture once per module of the model.
    The process does nothing else meanwhile, so replacing these names for a while is safe.
    """
    import gguf
    from transformers import modeling_gguf_pytorch_utils as reading

    before = gguf.GGUFReader, gguf.get_tensor_name_map, reading.tqdm

    def counted(tensors: Iterable[Any], **_: Any) -> Iterator[Any]:
        for number, tensor in enumerate(tensors, 1):
            yield tensor
            share = CONVERTING + (SAVING - CONVERTING) * number / max(1, header.tensors)
            progress(share, f"Converting tensor {number} of {header.tensors}")

    gguf.GGUFReader = functools.cache(gguf.GGUFReader)
    gguf.get_tensor_name_map = functools.cache(gguf.get_tensor_name_map)
    reading.tqdm = counted
    try:
        yield
    finally:
        gguf.GGUFReader, gguf.get_tensor_name_map, reading.tqdm = before
