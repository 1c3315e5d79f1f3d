"""Which linear layers a LoRA adapts, by the last part of their module path."""

from engine.protocol.specs import TargetModules

ATTENTION = frozenset(
    {
        "q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "out_proj", "query", "key", "value",
        "query_key_value", "c_attn", "Wqkv", "W_pack", "wq", "wk", "wv", "wo",
    }
)  # fmt: skip
QUERY_VALUE = frozenset(
    {
        "q_proj", "v_proj", "qkv_proj", "query", "value", "query_key_value", "c_attn", "Wqkv",
        "W_pack", "wq", "wv",
    }
)  # fmt: skip


def is_target(module: str, wanted: TargetModules) -> bool:
    """Whether a linear layer of that name gets an adapter; fused projections count as theirs."""
    match wanted:
        case "all-linear":
            return True
        case "attention":
            return module in ATTENTION
        case "query-value":
            return module in QUERY_VALUE
