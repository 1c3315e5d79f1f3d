"""Answers the engine's small questions about foreign files until end-of-file."""

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct

from engine.catalog.recognise import recognise
from engine.protocol.problems import Refused
from engine.protocol.worker_messages import (
    Answered,
    CompareVersions,
    Inspect,
    PreviewData,
    ReadRecipe,
    Ready,
    Recognise,
    RequestFailed,
    SampleBatch,
)
from engine.workers.channel import Channel
from engine.workers.tokens import Tokenizers


def serve(channel: Channel[Any]) -> None:
    """One answer per request, in their order; a refusal answers its own request only."""
    tokenizers = Tokenizers()
    channel.send(Ready(memory_bytes=0))
    while (request := channel.commands.get()) is not None:
        if not isinstance(request, Inspect):
            continue
        try:
            result = _answer(request, tokenizers)
        except Refused as refusal:
            channel.send(RequestFailed(request.id, refusal.problem))
        else:
            channel.send(Answered(request.id, Raw(msgspec.json.encode(result))))


def _answer(request: Inspect, tokenizers: Tokenizers) -> Struct:
    if isinstance(request, Recognise):
        return recognise(Path(request.path))
    if isinstance(request, PreviewData):
        from engine.datasets.preview import preview_data

        return preview_data(Path(request.path), request.mapping)
    if isinstance(request, ReadRecipe):
        from engine.recipes.reading import read_olive

        return read_olive(request.wanted, request.linears)
    if isinstance(request, CompareVersions):
        from engine.datasets.version_diff import diff_versions

        return diff_versions(request.before, request.after)
    if isinstance(request, SampleBatch):
        from engine.workers.batch_sample import sample_batch

        return sample_batch(request, tokenizers.of(request.base))
    from engine.datasets.render import token_view
    from engine.datasets.templates import bound

    template = bound(request.template, request.mapping, request.columns)
    tokenizer = tokenizers.of(request.base)
    return token_view(request.row, tokenizer, max_length=request.max_length, template=template)
