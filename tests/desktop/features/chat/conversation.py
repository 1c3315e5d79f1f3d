"""The conversation that the design's picture shows."""

from engine.protocol.records import Conversation, Reply, ReplyStamp, Turn
from engine.protocol.specs import SamplingSpec


def stamp(adapter: str | None, first: float, tokens: int) -> ReplyStamp:
    return ReplyStamp(
        adapter=adapter, adapter_hash=None if adapter is None else adapter.ljust(64, "0"),
        backend="transformers", swap_ms=3.0 if adapter else 0.0, first_token_ms=first,
        tokens_per_second=48.0 if adapter else 51.0, tokens=tokens, prompt_tokens=60,
        finish="stop",
    )  # fmt: skip


def turn(prompt: str, base: str, tuned: str, first: float, tokens: int, rating: int = 0) -> Turn:
    return Turn(
        prompt,
        (
            Reply(None, base, stamp(None, first, tokens)),
            Reply("a3", tuned, stamp("a3", first + 2, 17), rating=rating),
        ),
    )


CONVERSATION = Conversation(
    id="c1",
    title="Ticket triage",
    base="m1",
    columns=(None, "a3"),
    system="Classify the ticket. Answer in JSON.",
    sampling=SamplingSpec(repetition_penalty=1.1),
    turns=(
        turn(
            "I was charged twice for the May invoice, order 88213. Please refund one of them.",
            "I understand that you were charged twice. Please contact the billing department "
            "and give them your order number, the date of the payment and a copy of your "
            "invoice.",
            '{"team": "billing", "priority": "high"}',
            178,
            34,
        ),
        turn(
            "Parcel 4471 shows delivered but nothing arrived.",
            "I am sorry to hear that your parcel has not arrived. Please check with your "
            "neighbours and the carrier.",
            '{"team": "shipping", "priority": "high"}',
            180,
            23,
            rating=1,
        ),
        turn(
            "My two-factor codes are rejected and I am locked out.",
            "First make sure that the time on your phone is correct, because two-factor codes "
            "depend on the clock. If they are still rejected, try the recovery codes that you "
            "saved.",
            '{"team": "account", "priority": "high"}',
            186,
            41,
        ),
    ),
    created_at=1.0,
    updated_at=2.0,
)
