"""Which column plays which part, told from the names and the first records."""

from collections.abc import Sequence

from engine.datasets.conversation import as_turns
from engine.datasets.source import Record
from engine.protocol.data_files import SPLITS
from engine.protocol.problems import Refused
from engine.protocol.specs import Mapping

ASSISTANT = (
    "output", "answer", "response", "assistant", "completion", "expected", "reply", "result",
    "target", "solution", "explanation", "label", "chosen",
)  # fmt: skip
USER = (
    "input", "question", "query", "prompt", "instruction", "request", "text", "problem", "task",
)  # fmt: skip
SYSTEM = ("system", "system_prompt", "context", "description", "persona", "role")
MESSAGES = ("messages", "conversations", "conversation", "dialogue", "dialog", "texts")
RAW_TEXT = ("text", "content", "document", "passage", "body")
SPLIT = ("split", "_split")


def columns_of(records: Sequence[Record]) -> tuple[str, ...]:
    """All column names, in the order they first appear."""
    return tuple(dict.fromkeys(name for record in records for name in record.cells))


def detect_mapping(records: Sequence[Record], name: str) -> Mapping:
    """The mapping that these records suggest.

    Known conventions come first (messages, prompt/completion, Alpaca, raw text), then the names
    people give to questions and answers, then the first and the last text column. Raises Refused
    when there are not two columns and no text; `name` is the file's, for the message.
    """
    columns = columns_of(records)
    by_name = {name.strip().lower(): name for name in reversed(columns)}
    split = next(
        (by_name[n] for n in SPLIT if n in by_name and _names_splits(records, by_name[n])), ""
    )
    system = by_name.get("system", "")
    named = [by_name[name] for name in MESSAGES if name in by_name]
    if messages := next((name for name in named if _holds_turns(records, name)), ""):
        return Mapping(convention="messages", messages=messages, system=system, split=split)
    if "prompt" in by_name and "completion" in by_name:
        return Mapping(
            convention="prompt_completion",
            user=by_name["prompt"],
            assistant=by_name["completion"],
            system=system,
            split=split,
        )
    answer = by_name.get("output") or by_name.get("response")
    if "instruction" in by_name and answer:
        return Mapping(
            convention="alpaca",
            user=by_name["instruction"],
            assistant=answer,
            input=by_name.get("input", ""),
            history=by_name.get("history", ""),
            system=system,
            split=split,
        )
    if messages := next((name for name in columns if _holds_turns(records, name)), ""):
        return Mapping(convention="messages", messages=messages, system=system, split=split)
    others = [name for name in columns if name != split]
    if text := _raw_text(records, others, by_name):
        return Mapping(convention="text", text=text, split=split)
    if len(others) < 2:
        raise Refused(
            "datasets.one-column",
            f"{name} has {'one column' if columns else 'no column'}; a question and an answer "
            "need two.",
            "Name two columns `prompt` and `completion`.",
        )
    return _by_names(records, others, by_name, split)


def _raw_text(records: Sequence[Record], columns: Sequence[str], by_name: dict[str, str]) -> str:
    """The column of text that stands alone: no answer beside it, and no label either."""
    text = next((by_name[name] for name in RAW_TEXT if name in by_name), "")
    if not text or any(name in by_name for name in ASSISTANT):
        return ""
    if any(name in by_name and by_name[name] != text for name in USER):
        return ""
    others = [name for name in columns if name != text]
    return "" if any(_is_label(records, name) for name in others) else text


def _is_label(records: Sequence[Record], name: str) -> bool:
    """Whether a column holds few different values, each of them often: the class of its row."""
    cells = [str(each.cells[name]) for each in records if each.cells.get(name) not in (None, "")]
    return len(cells) >= 10 and 2 <= len(set(cells)) <= min(20, len(cells) // 5)


def _by_names(
    records: Sequence[Record], columns: list[str], by_name: dict[str, str], split: str
) -> Mapping:
    assistant = next((by_name[name] for name in ASSISTANT if name in by_name), "")
    user = next((by_name[n] for n in USER if n in by_name and by_name[n] != assistant), "")
    text = [name for name in columns if _is_text(records, name)] or columns
    if not assistant:
        assistant = next((name for name in reversed([*columns[:1], *text]) if name != user), "")
    if not user:
        user = next(name for name in [*text, *columns] if name != assistant)
    system = next((by_name[n] for n in SYSTEM if n in by_name), "")
    return Mapping(
        convention="columns",
        user=user,
        assistant=assistant,
        system=system if system not in (user, assistant) else "",
        split=split,
    )


def check_mapping(mapping: Mapping, columns: Sequence[str]) -> None:
    """Raises Refused when a mapping names a column that is not there, or leaves a part out."""
    needed = {"messages": ("messages",), "text": ("text",)}.get(
        mapping.convention, ("user", "assistant")
    )
    for part in ("messages", "text", "user", "assistant", "system", "input", "history", "split"):
        name = getattr(mapping, part)
        if name and name not in columns:
            raise Refused(
                "datasets.unknown-column",
                f"There is no column '{name}' for the part '{part}'.",
                f"The file has: {', '.join(columns[:30])}.",
            )
        if not name and part in needed:
            raise Refused(
                "datasets.incomplete-mapping",
                f"No column is chosen for the part '{part}'.",
                f"Choose one of: {', '.join(columns[:30])}.",
            )


def _holds_turns(records: Sequence[Record], name: str) -> bool:
    """Whether the first non-empty cells of a column are lists of messages."""
    cells = [each.cells[name] for each in records[:50] if each.cells.get(name)]
    return bool(cells) and sum(as_turns(cell) is not None for cell in cells) > len(cells) // 2


def _is_text(records: Sequence[Record], name: str) -> bool:
    cells = [each.cells[name] for each in records[:50] if each.cells.get(name)]
    return any(
        isinstance(cell, str) and not cell.strip().replace(".", "", 1).isdigit() for cell in cells
    )


def _names_splits(records: Sequence[Record], name: str) -> bool:
    values = {str(each.cells.get(name) or "").strip().lower() for each in records}
    return values != {""} and values <= {"", *SPLITS}
