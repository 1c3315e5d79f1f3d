"""Which column plays which part, told from the names and the first records."""

from collections.abc import Callable, Sequence

import msgspec

from engine.datasets.cells import are_segments, are_tools, as_turns, list_in
from engine.datasets.source import Record
from engine.protocol.data_files import SPLITS
from engine.protocol.dataset_specs import Mapping
from engine.protocol.problems import Refused

ASSISTANT = (
    "output", "answer", "response", "assistant", "completion", "expected", "reply", "result",
    "target", "solution", "explanation", "label", "chosen", "summary",
)  # fmt: skip
USER = (
    "input", "question", "query", "prompt", "instruction", "request", "text", "problem", "task",
    "article",
)  # fmt: skip
PROMPT = ("prompt", "instruction", "question", "query", *USER)  # of two answers to choose from
SYSTEM_PROMPT = ("system", "system_prompt")
SYSTEM = (*SYSTEM_PROMPT, "context", "description", "persona", "role")
BESIDE = ("context", "article")  # what a question is about
MESSAGES = ("messages", "conversations", "conversation", "dialogue", "dialog", "texts")
RAW_TEXT = ("text", "content", "document", "passage", "body")
TOOLS = ("tools", "functions")
REASONING = ("reasoning", "reasoning_content")
SPLIT = ("split", "_split")
IDENTITY = ("id", "idx", "index", "uuid", "guid")
NEEDED = {
    "messages": ("messages",),
    "text": ("text",),
    "segments": ("segments",),
    "preference": ("chosen", "rejected"),
    "unpaired": ("user", "assistant", "label"),
}


def columns_of(records: Sequence[Record]) -> tuple[str, ...]:
    """All column names, in the order they first appear."""
    return tuple(dict.fromkeys(name for record in records for name in record.cells))


def detect_mapping(records: Sequence[Record], name: str) -> Mapping:
    """The mapping that these records suggest.

    Known conventions come first (preference, segments, messages, prompt/completion, Alpaca, raw
    text), then the names people give to questions and answers, then the first and the last text
    column. Raises Refused when there are not two columns and no text; `name` is the file's, for
    the message.
    """
    columns = columns_of(records)
    by_name = {name.strip().lower(): name for name in reversed(columns)}
    split = next(
        (by_name[n] for n in SPLIT if n in by_name and _names_splits(records, by_name[n])), ""
    )
    if mapping := _known(records, columns, by_name):
        return msgspec.structs.replace(mapping, split=split)
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


def _known(
    records: Sequence[Record], columns: Sequence[str], by_name: dict[str, str]
) -> Mapping | None:
    """The mapping of a convention with names of its own."""
    named = [by_name[name] for name in MESSAGES if name in by_name]
    if "chosen" in by_name and "rejected" in by_name:
        return _preference(records, by_name, named)
    if segments := next((name for name in columns if _holds(records, name, _is_segments)), ""):
        return Mapping(convention="segments", segments=segments)
    if messages := next((name for name in named if _holds_turns(records, name)), ""):
        return _messages(records, by_name, messages)
    if "prompt" in by_name and "completion" in by_name:
        label = by_name.get("label", "")
        if not (label and _is_truth(records, label)):
            label = ""
        return Mapping(
            convention="unpaired" if label else "prompt_completion",
            user=by_name["prompt"],
            assistant=by_name["completion"],
            label=label,
            **_besides(records, by_name),
        )
    answer = by_name.get("output") or by_name.get("response")
    if "instruction" in by_name and answer:
        return Mapping(
            convention="alpaca",
            user=by_name["instruction"],
            assistant=answer,
            input=by_name.get("input", ""),
            history=by_name.get("history", ""),
            **_besides(records, by_name),
        )
    if messages := next((name for name in columns if _holds_turns(records, name)), ""):
        return _messages(records, by_name, messages)
    return None


def _messages(records: Sequence[Record], by_name: dict[str, str], column: str) -> Mapping:
    return Mapping(
        convention="messages",
        messages=column,
        system=_first(by_name, SYSTEM_PROMPT),
        tools=_tools(records, by_name),
    )


def _preference(
    records: Sequence[Record], by_name: dict[str, str], messages: Sequence[str]
) -> Mapping:
    """The prompt may be a text, a list of messages, or the beginning of both answers."""
    chosen = by_name["chosen"]
    user = _first(by_name, PROMPT)
    if not user and not _holds(records, chosen, _begins_with_prompt):
        user = next((name for name in messages if _holds_turns(records, name)), "")
    return Mapping(
        convention="preference",
        user=user,
        chosen=chosen,
        rejected=by_name["rejected"],
        input=by_name.get("input", "") if user == by_name.get("instruction") else "",
        history=by_name.get("history", "") if user else "",
        system=_first(by_name, SYSTEM_PROMPT),
        tools=_tools(records, by_name),
    )


def _besides(records: Sequence[Record], by_name: dict[str, str]) -> dict[str, str]:
    """Parts that any question and answer may have beside them."""
    return {
        "system": _first(by_name, SYSTEM_PROMPT),
        "tools": _tools(records, by_name),
        "reasoning": _first(by_name, REASONING),
    }


def _tools(records: Sequence[Record], by_name: dict[str, str]) -> str:
    """The column with schemas of tools; many rows may have none."""
    name = _first(by_name, TOOLS)
    found = (list_in(each.cells.get(name)) for each in records[:50])
    return name if any(tools is not None and are_tools(tools) for tools in found) else ""


def _first(by_name: dict[str, str], names: Sequence[str]) -> str:
    return next((by_name[name] for name in names if name in by_name), "")


def _raw_text(records: Sequence[Record], columns: Sequence[str], by_name: dict[str, str]) -> str:
    """The column of text that stands alone: no answer beside it, and no label either."""
    text = _first(by_name, RAW_TEXT)
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
    assistant = _first(by_name, ASSISTANT)
    user = next((by_name[n] for n in USER if n in by_name and by_name[n] != assistant), "")
    tools = _tools(records, by_name)
    text = [name for name in columns if name != tools and _is_text(records, name)] or columns
    if not assistant:
        assistant = next((name for name in reversed([*columns[:1], *text]) if name != user), "")
    if not user:
        user = next(name for name in [*text, *columns] if name != assistant)
    system = _first(by_name, SYSTEM)
    if system in (user, assistant):
        system = ""
    taken = {user, assistant, system}
    about = next((by_name[n] for n in BESIDE if n in by_name and by_name[n] not in taken), "")
    return Mapping(
        convention="columns",
        user=user,
        assistant=assistant,
        system=system,
        input=about,
        tools=tools,
        reasoning=_first(by_name, REASONING),
        split=split,
    )


def check_mapping(mapping: Mapping, columns: Sequence[str]) -> None:
    """Raises Refused when a mapping names a column that is not there, or leaves a part out."""
    for part, name in mapping.parts.items():
        if name not in columns:
            raise Refused(
                "datasets.unknown-column",
                f"There is no column '{name}' for the part '{part}'.",
                f"The file has: {', '.join(columns[:30])}.",
            )
    for part in NEEDED.get(mapping.convention, ("user", "assistant")):
        if part not in mapping.parts:
            raise Refused(
                "datasets.incomplete-mapping",
                f"No column is chosen for the part '{part}'.",
                f"Choose one of: {', '.join(columns[:30])}.",
            )


def _holds(records: Sequence[Record], name: str, fits: Callable[[object], bool]) -> bool:
    """Whether the first non-empty cells of a column are of that kind, most of them."""
    cells = [each.cells[name] for each in records[:50] if each.cells.get(name)]
    return bool(cells) and sum(fits(cell) for cell in cells) > len(cells) // 2


def _holds_turns(records: Sequence[Record], name: str) -> bool:
    return _holds(records, name, lambda cell: as_turns(cell) is not None)


def _is_segments(cell: object) -> bool:
    found = list_in(cell)
    return found is not None and are_segments(found)


def _begins_with_prompt(cell: object) -> bool:
    turns = as_turns(cell)
    return turns is not None and len(turns) > 1


def _is_truth(records: Sequence[Record], name: str) -> bool:
    """Whether a column says true or false, and nothing else."""
    values = {str(each.cells.get(name)).strip().lower() for each in records}
    return bool(values & {"true", "false"}) and values <= {"true", "false", "none", ""}


def _is_text(records: Sequence[Record], name: str) -> bool:
    """Whether a column may be learned: words, and no names of rows."""
    if name.strip().lower() in IDENTITY:
        return False
    cells = [each.cells[name] for each in records[:50] if each.cells.get(name)]
    return any(
        isinstance(cell, str) and not cell.strip().replace(".", "", 1).isdigit() for cell in cells
    )


def _names_splits(records: Sequence[Record], name: str) -> bool:
    values = {str(each.cells.get(name) or "").strip().lower() for each in records}
    return values != {""} and values <= {"", *SPLITS}
