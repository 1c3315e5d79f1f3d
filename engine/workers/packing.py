"""Batches without padding: examples end to end in one row, attention inside each of them."""

import inspect
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AttentionInterface

from engine.datasets.render import MASKED, Encoded
from engine.protocol.tasks import TOKENS_PER_THREAD
from engine.workers.methods import learns_prompt, virtual_tokens

SEGMENTED = "segmented"
TOKENS_ON_GPU = 16384
BLOCK = 128  # queries that attend together on a processor


def pack(rows: Sequence[Encoded], *, share: bool = False) -> dict[str, Tensor]:
    """One packed row of `rows`: every tensor is (1, tokens), the bounds are (segments + 1,).

    `position_ids` restarts with every example. `labels` holds the next token where there is loss:
    the last token of an example predicts nothing.

    With `share` the start that all prompts have in common (a system prompt, say) becomes a first
    segment of its own which is computed once: `key_bounds` gives every other segment that many
    keys more than `bounds` gives it queries. Loss and gradients are those of repeated starts.
    """
    shared = _shared_start(rows) if share else 0
    parts = [(0, shared, rows[0])] if shared else []
    parts += [(shared, len(row.input_ids), row) for row in rows]
    targets = [(*row.labels[1:], MASKED)[start:end] for start, end, row in parts]
    labels = torch.tensor([label for part in targets for label in part])[None]
    lengths = torch.tensor([end - start for start, end, _ in parts])
    keys = torch.tensor([end for _, end, _ in parts])
    ids = [row.input_ids[start:end] for start, end, row in parts]
    return {
        "input_ids": torch.tensor([token for part in ids for token in part])[None],
        "position_ids": torch.cat([torch.arange(start, end) for start, end, _ in parts])[None],
        "labels": labels,
        "bounds": _bounds(lengths),
        "key_bounds": _bounds(keys),
    }


def pack_in_parts(
    rows: Sequence[Encoded], limit: int, *, halvings: int = 0, share: bool = False
) -> dict[str, Any]:
    """A batch for the Trainer: `parts`, packed rows of about `limit` tokens at most each.

    Gradients add up over the parts as they would in one row, while only one part's activations
    are in memory. `shift_labels` are all labels, under the name by which the Trainer counts
    targets that are shifted already; `tokens` counts all rows whole. With `halvings` both the
    limit and the rows of a part are halved that often.
    """
    parts = [pack(part, share=share) for part in split_rows(rows, limit, halvings=halvings)]
    labels = torch.cat([part["labels"] for part in parts], 1)
    return {
        "parts": parts,
        "labels": labels,
        "shift_labels": labels,
        "tokens": torch.tensor(sum(len(row.input_ids) for row in rows)),
    }


def split_rows(rows: Sequence[Encoded], limit: int, *, halvings: int = 0) -> list[list[Encoded]]:
    """Rows in order, in groups of at most `limit` tokens; a longer row is a group of its own."""
    limit, most = limit >> halvings, max(1, len(rows) >> halvings)
    groups: list[list[Encoded]] = []
    tokens = 0
    for row in rows:
        tokens += len(row.input_ids)
        if not groups or tokens > limit or len(groups[-1]) == most:
            groups.append([])
            tokens = len(row.input_ids)
        groups[-1].append(row)
    return groups


def tokens_at_once() -> int:
    """What a part may hold: enough to keep every thread or the GPU busy, and no more memory."""
    return (
        TOKENS_ON_GPU if torch.cuda.is_available() else TOKENS_PER_THREAD * torch.get_num_threads()
    )


def _bounds(lengths: Tensor) -> Tensor:
    return functional.pad(lengths.cumsum(0), (1, 0)).to(torch.int32)


def _shared_start(rows: Sequence[Encoded]) -> int:
    """How many leading tokens all rows have in common that predict nothing with loss."""
    if len(rows) < 2:
        return 0
    first, *others = rows
    limit = min(len(row.input_ids) for row in rows) - 1
    for row in rows:
        supervised = (at for at, label in enumerate(row.labels[: limit + 1]) if label != MASKED)
        limit = min(limit, next(supervised, limit + 1) - 1)
    for at in range(max(0, limit)):
        if any(row.input_ids[at] != first.input_ids[at] for row in others):
            return at
    return max(0, limit)


def loss_sum(
    model: Any, batch: Mapping[str, Tensor], *, packed: bool, smoothing: float = 0.0
) -> Tensor:
    """Summed cross-entropy (nats) over the supervised positions of one batch of `pack`.

    The head runs on those positions only. With `packed` false the examples go through the model
    one after the other: any architecture can do that, and still nothing is padded.
    """
    if packed:
        extra = _flash_arguments(batch["bounds"], batch["key_bounds"])
        return _row_loss(model, batch, extra, smoothing)
    bounds = batch["bounds"].tolist()
    parts = [
        {name: batch[name][:, start:end] for name in ("input_ids", "position_ids", "labels")}
        for start, end in pairwise(bounds)
    ]
    return torch.stack([_row_loss(model, part, {}, smoothing) for part in parts]).sum()


def _row_loss(
    model: Any, row: Mapping[str, Tensor], extra: Mapping[str, object], smoothing: float
) -> Tensor:
    targets = row["labels"][0]
    kept = (targets != MASKED).nonzero()[:, 0]
    answered = kept + virtual_tokens(model)
    accepted = inspect.signature(model.get_base_model().forward).parameters
    inputs: dict[str, Any] = {"input_ids": row["input_ids"], "use_cache": False, **extra}
    if "position_ids" in accepted and not learns_prompt(model):
        inputs["position_ids"] = row["position_ids"]
    if "logits_to_keep" in accepted:
        logits = model(**inputs, logits_to_keep=answered).logits[0]
    else:
        logits = model(**inputs).logits[0][answered]
    return functional.cross_entropy(
        logits.float(), targets[kept], reduction="sum", label_smoothing=smoothing
    )


def _flash_arguments(bounds: Tensor, key_bounds: Tensor) -> dict[str, object]:
    """The segments under the names that transformers hands down to attention functions."""
    return {
        "cu_seq_lens_q": bounds,
        "cu_seq_lens_k": key_bounds,
        "max_length_q": int(bounds.diff().max()),
        "max_length_k": int(key_bounds.diff().max()),
    }


def segmented_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    cu_seq_lens_q: Tensor,
    cu_seq_lens_k: Tensor,
    max_length_q: int,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **ignored: object,
) -> tuple[Tensor, None]:
    """Causal attention inside each segment of one packed row.

    `query` is (1, heads, tokens, size), `key` and `value` may have fewer heads. A segment with
    more keys than queries sees that many tokens from the start of the row before its own. Returns
    (1, tokens, heads, size).
    """
    if query.is_cuda and query.dtype in (torch.float16, torch.bfloat16):
        return _varlen(
            query, key, value, cu_seq_lens_q, max_length_q, scaling, sliding_window
        ), None
    queries = cu_seq_lens_q.diff().tolist()
    attended = [
        _causal_attention(
            own_query,
            _after(key, keys - own_query.shape[2], own_key),
            _after(value, keys - own_query.shape[2], own_value),
            scaling,
            sliding_window,
        )
        for own_query, own_key, own_value, keys in zip(
            torch.split(query, queries, 2),
            torch.split(key, queries, 2),
            torch.split(value, queries, 2),
            cu_seq_lens_k.diff().tolist(),
            strict=True,
        )
    ]
    return torch.cat(attended, 2).transpose(1, 2).contiguous(), None


def _after(states: Tensor, shared: int, own: Tensor) -> Tensor:
    """The states that a segment sees: the first `shared` of the row before its own."""
    return torch.cat([states[:, :, :shared], own], 2) if shared else own


def _causal_attention(
    query: Tensor, key: Tensor, value: Tensor, scaling: float | None, window: int | None
) -> Tensor:
    """Attention of queries that are the last of their keys' tokens.

    In blocks on a processor, whose kernel multiplies with keys of later tokens before it masks
    them: that spares a quarter of the time at 400 tokens.
    """
    length, seen = query.shape[2], key.shape[2] - query.shape[2]
    blocks = 1 if query.is_cuda else max(1, round(length / BLOCK))
    attended = []
    for block in torch.split(query, -(-length // blocks), 2):
        before, seen = seen, seen + block.shape[2]
        mask = _mask(block.shape[2], before, window, query.device)
        attended.append(
            functional.scaled_dot_product_attention(
                block,
                key[:, :, :seen],
                value[:, :, :seen],
                attn_mask=mask,
                is_causal=mask is None,
                scale=scaling,
                enable_gqa=query.shape[1] != key.shape[1],
            )
        )
    return torch.cat(attended, 2)


def _mask(length: int, before: int, window: int | None, device: torch.device) -> Tensor | None:
    """(length, before + length), true where a query sees a key; None where causal is enough."""
    if not before and (window is None or length <= window):
        return None
    at = torch.arange(before + length, device=device)
    distance = at[before:, None] - at[None, :]
    seen = distance >= 0
    return seen if window is None else seen & (distance < window)


def _varlen(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bounds: Tensor,
    longest: int,
    scaling: float | None,
    window: int | None,
) -> Tensor:
    """Flash attention's variable-length kernel, which has no CPU version; no shared starts."""
    from torch.nn.attention.varlen import varlen_attn

    attended = varlen_attn(
        query[0].transpose(0, 1),
        key[0].transpose(0, 1),
        value[0].transpose(0, 1),
        bounds,
        bounds,
        longest,
        longest,
        scale=scaling,
        window_size=(-1 if window is None else window - 1, 0),
        enable_gqa=query.shape[1] != key.shape[1],
    )
    assert isinstance(attended, Tensor)
    return attended[None]


def use_segmented_attention(model: Any) -> bool:
    """Switch the model to `segmented_attention` if that is all its attention needs.

    Returns False, and changes nothing, for models that keep a state along the row, cap or bias
    their attention scores, or do not take positions from outside.
    """
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ())
    plain = (
        model._supports_attention_backend
        and not model._is_stateful
        and kinds <= {"full_attention", "sliding_attention"}
        and not getattr(config, "attn_logit_softcapping", None)
        and not any(name.endswith("sinks") for name, _ in model.named_parameters())
        and "position_ids" in inspect.signature(model.forward).parameters
    )
    if plain:
        AttentionInterface.register(SEGMENTED, segmented_attention)
        model.set_attn_implementation(SEGMENTED)
    return bool(plain)
