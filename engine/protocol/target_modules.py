"""Which linear layers a LoRA adapts, by the last part of their module path."""

from collections.abc import Set

from engine.protocol.method_specs import TargetModules

# What the field calls the projections of attention; fused ones count as theirs.
ATTENTION = frozenset(
    {
        "q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "out_proj", "query", "key", "value",
        "query_key_value", "c_attn", "Wqkv", "W_pack", "wq", "wk", "wv", "wo",
    }
)  # fmt: skip

# Those that end attention.
ATTENTION_ENDS = frozenset({"o_proj", "out_proj", "dense", "c_proj", "out_lin", "wo", "o"})

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

# The two that IA³ scales; a fused layer scales the queries as well.
KEY_VALUE = (
    ("k_proj", "v_proj"),
    ("key", "value"),
    ("k_lin", "v_lin"),
    ("wk", "wv"),
    ("k", "v"),
    *QUERY_VALUE[-4:],
)


def query_value_among(names: Set[str]) -> tuple[str, ...]:
    """What the two are called where layers have those names; empty when it cannot be told."""
    return names_among(QUERY_VALUE, names)


def names_among(pairs: tuple[tuple[str, ...], ...], names: Set[str]) -> tuple[str, ...]:
    """The first of the pairs that all are among the names; empty when none is."""
    return next((pair for pair in pairs if names >= set(pair)), ())


def targets_among(names: Set[str], wanted: TargetModules) -> frozenset[str]:
    """Those of the names that get an adapter, as far as names alone can tell."""
    match wanted:
        case "all-linear":
            return frozenset(names)
        case "attention":
            return frozenset(names & ATTENTION)
        case "query-value":
            return frozenset(query_value_among(names))
