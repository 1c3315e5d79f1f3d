"""Tokenizers from local folders, and the token lengths of a dataset."""

from collections import Counter, OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

from engine.catalog.json_file import read_json_object
from engine.datasets.render import Tokenizer, encode_row
from engine.datasets.row_file import RowFile, lengths_path
from engine.protocol.records import BaseModel, TokenStats
from engine.protocol.tasks import CountTokensTask
from engine.store.publish import replace_synced
from engine.workers.foreign import refusing

BINS = 24
NO_LIMIT = 2**31 - 1
TOKENIZER_LIMIT = 256_000_000  # bytes of tokenizer.json; the largest known one takes 35 MB
PLAIN_CLASSES = ("TokenizersBackend", "PreTrainedTokenizerFast")


def load_tokenizer(folder: str | Path) -> Tokenizer:
    """The tokenizer of a model folder; nothing is fetched and no code of the folder runs.

    A tokenizer that is tokenizer.json alone loads without torch. Raises Refused when it cannot be
    loaded.
    """
    path = Path(folder)
    with refusing(
        "models.bad-tokenizer",
        f"The tokenizer of {path.name} cannot be loaded",
        "Copy the tokenizer files of the model again.",
    ):
        if (path / "tokenizer.json").is_file():
            read_json_object(path / "tokenizer.json", limit=TOKENIZER_LIMIT)
        tokenizer: Tokenizer = _loader(path).from_pretrained(
            str(path), local_files_only=True, trust_remote_code=False
        )
        tokenizer("a", add_special_tokens=False)
    return tokenizer


def _loader(path: Path) -> Any:
    """transformers' class for these files: AutoTokenizer would choose the same one, with torch."""
    config = path / "tokenizer_config.json"
    if (path / "tokenizer.json").is_file() and config.is_file():
        named = read_json_object(config).get("tokenizer_class")
        if named in PLAIN_CLASSES:
            from transformers.tokenization_utils_tokenizers import TokenizersBackend

            return TokenizersBackend
    from transformers import AutoTokenizer

    return AutoTokenizer


class Tokenizers:
    """The last few tokenizers by folder, as long as their files stay the same."""

    def __init__(self, keep: int = 4) -> None:
        self._keep = keep
        self._loaded: OrderedDict[tuple[str, str], Tokenizer] = OrderedDict()

    def of(self, base: BaseModel) -> Tokenizer:
        key = base.path, base.tokenizer_hash
        if key not in self._loaded:
            self._loaded[key] = load_tokenizer(base.path)
            while len(self._loaded) > self._keep:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(key)
        return self._loaded[key]


def count_tokens(task: CountTokensTask, progress: Callable[[float, str], None]) -> TokenStats:
    """Token lengths of every row, uncut, as uint32 in the rows' order beside `task.target`.

    Raises Refused when the template does not accept a row, or the tokenizer cannot be loaded.
    """
    progress(0.0, "Loading the tokenizer")
    tokenizer = load_tokenizer(task.base.path)
    lengths: list[int] = []
    totals: Counter[str] = Counter()
    supervised = 0
    with RowFile(task.dataset.path) as rows:
        for number in range(1, len(rows) + 1):
            row = rows.row(number)
            encoded = encode_row(
                row, tokenizer, max_length=NO_LIMIT, template=task.dataset.template
            )
            lengths.append(len(encoded.input_ids))
            totals[row.split] += len(encoded.input_ids)
            supervised += encoded.supervised if row.split == "train" else 0
            if number % 64 == 0:
                progress(number / len(rows), f"Row {number:,} of {len(rows):,}")
    counted = numpy.array(lengths, dtype="<u4")
    replace_synced(lengths_path(task.target, task.base.tokenizer_hash), counted.tobytes())
    counts, edges = histogram(counted)
    return TokenStats(
        dataset=task.dataset.id,
        version=task.dataset.version,
        tokenizer_hash=task.base.tokenizer_hash,
        template_hash=task.base.template_hash,
        mean=float(counted.mean()),
        p95=int(numpy.percentile(counted, 95, method="higher")),
        longest=int(counted.max()),
        train_tokens=totals["train"],
        validation_tokens=totals["validation"],
        train_supervised=supervised,
        bin_edges=edges,
        bin_counts=counts,
    )


def histogram(
    lengths: "numpy.typing.NDArray[numpy.uint32]",
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Counts in 24 bins of equal whole width from 0, and their 25 edges."""
    width = max(1, -(-(int(lengths.max()) + 1) // BINS))
    edges = [width * at for at in range(BINS + 1)]
    counts, _ = numpy.histogram(lengths, bins=edges)
    return tuple(int(count) for count in counts), tuple(edges)
