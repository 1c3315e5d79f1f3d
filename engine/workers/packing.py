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

SEGMENTED = "segmented"


def pack(rows: Sequence[Encoded]) -> dict[str, Tensor]:
    """One packed row of `rows`: every tensor is (1, tokens), `bounds` is (rows + 1,).

    `position_ids` restarts with every example. `labels` holds the next token where there is loss:
    the last token of an example predicts nothing. `shift_labels` is the same tensor under the name
    by which the Trainer counts targets that are shifted already.
    """
    lengths = torch.tensor([len(row.input_ids) for row in rows])
    targets = [label for row in rows for label in (*row.labels[1:], MASKED)]
    labels = torch.tensor(targets)[None]
    return {
        "input_ids": torch.tensor([token for row in rows for token in row.input_ids])[None],
        "position_ids": torch.cat([torch.arange(int(length)) for length in lengths])[None],
        "labels": labels,
        "shift_labels": labels,
        "bounds": functional.pad(lengths.cumsum(0), (1, 0)).to(torch.int32),
    }


def loss_sum(model: Any, batch: Mapping[str, Tensor], *, packed: bool) -> Tensor:
    """Summed cross-entropy (nats) over the supervised positions of one batch of `pack`.

    The head runs on those positions only. With `packed` false the examples go through the model
    one after the other: any architecture can do that, and still nothing is padded.
    """
    if packed:
        return _row_loss(model, batch, _flash_arguments(batch["bounds"]))
    bounds = batch["bounds"].tolist()
    parts = [
        {name: batch[name][:, start:end] for name in ("input_ids", "position_ids", "labels")}
        for start, end in pairwise(bounds)
    ]
    return torch.stack([_row_loss(model, part, {}) for part in parts]).sum()


def _row_loss(model: Any, row: Mapping[str, Tensor], extra: Mapping[str, object]) -> Tensor:
    targets = row["labels"][0]
    kept = (targets != MASKED).nonzero()[:, 0]
    accepted = inspect.signature(model.get_base_model().forward).parameters
    inputs: dict[str, Any] = {"input_ids": row["input_ids"], "use_cache": False, **extra}
    if "position_ids" in accepted:
        inputs["position_ids"] = row["position_ids"]
    if "logits_to_keep" in accepted:
        logits = model(**inputs, logits_to_keep=kept).logits[0]
    else:
        logits = model(**inputs).logits[0][kept]
    return functional.cross_entropy(logits.float(), targets[kept], reduction="sum")


def _flash_arguments(bounds: Tensor) -> dict[str, object]:
    """The segments under the names that transformers hands down to attention functions."""
    longest = int(bounds.diff().max())
    return {
        "cu_seq_lens_q": bounds,
        "cu_seq_lens_k": bounds,
        "max_length_q": longest,
        "max_length_k": longest,
    }


def segmented_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    cu_seq_lens_q: Tensor,
    max_length_q: int,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **ignored: object,
) -> tuple[Tensor, None]:
    """Causal attention inside each segment of one packed row.

    `query` is (1, heads, tokens, size), `key` and `value` may have fewer heads. Returns
    (1, tokens, heads, size).
    """
    if query.is_cuda and query.dtype in (torch.float16, torch.bfloat16):
        return _varlen(
            query, key, value, cu_seq_lens_q, max_length_q, scaling, sliding_window
        ), None
    parts = []
    for start, end in pairwise(cu_seq_lens_q.tolist()):
        mask = _window_mask(end - start, sliding_window, query.device)
        parts.append(
            functional.scaled_dot_product_attention(
                query[:, :, start:end],
                key[:, :, start:end],
                value[:, :, start:end],
                attn_mask=mask,
                is_causal=mask is None,
                scale=scaling,
                enable_gqa=query.shape[1] != key.shape[1],
            )
        )
    return torch.cat(parts, 2).transpose(1, 2).contiguous(), None


def _window_mask(length: int, window: int | None, device: torch.device) -> Tensor | None:
    """None where plain causal attention is the same."""
    if window is None or length <= window:
        return None
    at = torch.arange(length, device=device)
    distance = at[:, None] - at[None, :]
    return (distance >= 0) & (distance < window)


def _varlen(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bounds: Tensor,
    longest: int,
    scaling: float | None,
    window: int | None,
) -> Tensor:
    """Flash attention's variable-length kernel, which has no CPU version."""
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
