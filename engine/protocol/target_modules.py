"""Which linear layers a LoRA adapts, by the last part of their module path."""

from collections.abc import Set

from engine.protocol.specs import TargetModules

# What the field calls the projections of attention; fused ones count as theirs.
ATTENTION = frozenset(
    {
        "q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "out_proj", "query", "key", "value",
        "query_key_value", "c_attn", "Wqkv", "W_pack", "wq", "wk", "wv", "wo",
    }
)  # fmt: skip

# The two projections that the LoRA paper adapts; the fused ones come last.
QUERY_VALUE = (
    ("q_proj", "v_proj"),
    ("query", "value"),
    ("q_lin", "v_lin"),
    ("wq", "wv"),
    ("q", "v"),
    ("qkv_proj",),
    ("query_key_value",),
    ("c_attn",),
    ("Wqkv",),
)


def query_value_among(names: Set[str]) -> tuple[str, ...]:
    """What the two are called where layers have those names; empty when it cannot be told."""
    return next((pair for pair in QUERY_VALUE if names >= set(pair)), ())


def targets_among(names: Set[str], wanted: TargetModules) -> frozenset[str]:
    """Those of the names that get an adapter, as far as names alone can tell."""
    match wanted:
        case "all-linear":
            return frozenset(names)
        case "attention":
            return frozenset(names & ATTENTION)
        case "query-value":
            return frozenset(query_value_among(names))
