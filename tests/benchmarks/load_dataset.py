"""The peer: `datasets.load_dataset` of a file of JSON Lines, run by a Python of its own."""

import importlib
import os
import sys
import tempfile
from pathlib import Path


def main(file: Path) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    datasets = importlib.import_module("datasets")
    with tempfile.TemporaryDirectory(dir=file.parent) as cache:
        made = datasets.load_dataset("json", data_files=str(file), cache_dir=cache, split="train")
        assert len(made) == 1_000_000


if __name__ == "__main__":
    main(Path(sys.argv[1]))
