"""One batch as training would pack it, to look at before anything is trained."""

from collections.abc import Iterator
from itertools import islice, pairwise

import torch

from engine.datasets.render import MASKED, Encoded, Tokenizer, encode_row
from engine.datasets.row_file import RowFile
from engine.datasets.side_codes import TRAIN
from engine.protocol.problems import Refused
from engine.protocol.records import PackedBatch, PackedRow
from engine.protocol.worker_messages import SampleBatch
from engine.workers.packing import pack


def sample_batch(wanted: SampleBatch, tokenizer: Tokenizer) -> PackedBatch:
    """The first batch of a run with that seed, packed by what packs it there.

    Rows without anything to learn are passed over. A run knows of them before it draws, so that
    only where there are none its first batch is exactly this one. Raises Refused when no training
    row has anything to learn.
    """
    drawn = [*islice(_drawn(wanted, tokenizer), wanted.batch_size)]
    if not drawn:
        raise Refused(
            "dataset.nothing-to-learn",
            f"No training row of {wanted.dataset.name} has an answer to learn within"
            f" {wanted.max_length} tokens.",
            "Choose a larger maximum length or look at the dataset's splits.",
        )
    packed = pack([encoded for _, encoded in drawn])
    learned = packed["labels"][0] != MASKED
    segments = pairwise(packed["bounds"].tolist())
    rows = tuple(
        PackedRow(number, end - start, int(learned[start:end].sum()), encoded.cut)
        for (number, encoded), (start, end) in zip(drawn, segments, strict=True)
    )
    return PackedBatch(
        rows=rows,
        tokens=packed["input_ids"].shape[1],
        supervised=int(learned.sum()),
        padded_tokens=len(rows) * max(row.tokens for row in rows),
    )


def _drawn(wanted: SampleBatch, tokenizer: Tokenizer) -> Iterator[tuple[int, Encoded]]:
    """Numbers and tokens of training rows in the order in which the Trainer's sampler takes them.

    That is accelerate's SeedableRandomSampler in the first epoch: one permutation, by the seed.
    """
    with RowFile(wanted.dataset.path) as rows:
        training = [place for place, side in enumerate(rows.sides) if side == TRAIN]
        order = torch.randperm(len(training), generator=torch.Generator().manual_seed(wanted.seed))
        for at in order.tolist():
            row = rows.at(training[at])
            encoded = encode_row(
                row,
                tokenizer,
                max_length=wanted.max_length,
                template=wanted.dataset.template,
            )
            if encoded.supervised and row.desirable is not False:
                yield row.number, encoded
