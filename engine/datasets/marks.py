"""Text that belongs to chat templates and has no place in a field."""

MARKS = ("<|im_start|>", "<|im_end|>", "[INST]", "[/INST]", "<|eot_id|>", "<|user|>",
         "<|assistant|>", "<start_of_turn>", "### Instruction:", "### Response:")  # fmt: skip
MARK_PARTS = (  # a rare byte, quickly looked for, and what is behind it in a mark
    (b"<", b"<|"), (b"<", b"<start_of_turn>"), (b"]", b"INST]"), (b"#", b"### "),
)  # fmt: skip


def may_hold_mark(encoded: bytes) -> bool:
    """Whether one of the marks may be in rows of JSON; False is certain."""
    return any(byte in encoded and part in encoded for byte, part in MARK_PARTS)
