"""The conventions that people bring, as rows, and the files that can hold them."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
from msgspec import Struct
from pyarrow import ipc, parquet

from engine.datasets.tools import CALLS, RESULT, TOOLS
from engine.datasets.turns import Turns
from engine.protocol.dataset_specs import Mapping

Rows = list[dict[str, Any]]
SCHEMA = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "day": {"type": "integer"}},
            "required": ["city"],
        },
    },
}
SCHEMAS = json.dumps([SCHEMA], separators=(",", ":"))
CALL = '[{"type":"function","function":{"name":"weather","arguments":{"city":"Bern ü","day":%d}}}]'


class Convention(Struct, frozen=True):
    """One row of it by number, how it is detected, and what its row 3 teaches."""

    name: str
    row: Callable[[int], dict[str, Any]]
    mapping: Mapping
    messages: Turns
    rejected: Turns = ()
    desirable: bool | None = None

    @property
    def rows(self) -> Rows:
        return [self.row(at) for at in range(12)]


def said(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def called(at: int, arguments: Any, **more: Any) -> dict[str, Any]:
    call = {"type": "function", "function": {"name": "weather", "arguments": arguments}, **more}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def asked_tool(at: int) -> dict[str, Any]:
    """Hugging Face's spelling; what one row leaves out, a table holds as nothing."""
    arguments = {"day": at, "city": "Bern ü"} if at % 2 else {"city": "Bern ü"}
    return {
        "messages": [
            said("user", f"Weather {at}?"),
            called(at, arguments),
            said("tool", "17 °C"),
            said("assistant", f"It is 17 °C on day {at}."),
        ],
        "tools": [SCHEMA],
    }


def openai_tool(at: int) -> dict[str, Any]:
    arguments = json.dumps({"city": "Bern ü", "day": at})
    row = asked_tool(at)
    row["messages"][1] = called(at, arguments, id=f"call_{at}")
    row["messages"][2] = {"role": "tool", "content": "17 °C", "tool_call_id": f"call_{at}"}
    return row


def sharegpt_tool(at: int) -> dict[str, Any]:
    call = {"name": "weather", "arguments": {"city": "Bern ü", "day": at}}
    return {
        "conversations": [
            {"from": "human", "value": f"Weather {at}?"},
            {"from": "function_call", "value": json.dumps(call)},
            {"from": "observation", "value": "17 °C"},
            {"from": "gpt", "value": f"It is 17 °C on day {at}."},
        ],
        "system": "Be exact.",
        "tools": json.dumps([SCHEMA["function"]]),
    }


WITH_TOOLS: Turns = (
    (TOOLS, SCHEMAS),
    ("user", "Weather 3?"),
    ("assistant", ""),
    (CALLS, CALL % 3),
    (RESULT, "17 °C"),
    ("assistant", "It is 17 °C on day 3."),
)
QUESTION: Turns = (("user", "Why 3?"), ("assistant", "Because\n3"))
CONVENTIONS = (
    Convention(
        "alpaca",
        lambda at: {"instruction": f"Why {at}?", "input": "", "output": f"Because\n{at}"},
        Mapping("alpaca", user="instruction", input="input", assistant="output"),
        QUESTION,
    ),
    Convention(
        "alpaca with history and system",
        lambda at: {
            "instruction": "And why?", "input": f"Of {at}", "output": "So.", "system": "Be brief.",
            "history": [["How?", "Thus \"so\"."], ["Who?", "You."]][: at % 3 + 1],
        },
        Mapping("alpaca", user="instruction", input="input", assistant="output", system="system",
                history="history"),
        (("system", "Be brief."), ("user", "How?"), ("assistant", 'Thus "so".'),
         ("user", "And why?\n\nOf 3"), ("assistant", "So.")),
    ),
    Convention(
        "alpaca with response",
        lambda at: {"instruction": f"Why {at}?", "response": f"Because\n{at}"},
        Mapping("alpaca", user="instruction", assistant="response"),
        QUESTION,
    ),
    Convention(
        "sharegpt",
        lambda at: {"conversations": [
            {"from": "human", "value": f"Why {at}?"}, {"from": "gpt", "value": f"Because\n{at}"},
        ]},
        Mapping("messages", messages="conversations"),
        QUESTION,
    ),
    Convention(
        "sharegpt with tools", sharegpt_tool,
        Mapping("messages", messages="conversations", system="system", tools="tools"),
        (WITH_TOOLS[0], ("system", "Be exact."), *WITH_TOOLS[1:]),
    ),
    Convention(
        "messages",
        lambda at: {"messages": [
            said("system", "Be brief."), said("user", f"Why {at}?"),
            said("assistant", f"Because\n{at}"),
        ]},
        Mapping("messages", messages="messages"),
        (("system", "Be brief."), *QUESTION),
    ),
    Convention("tools of hugging face", asked_tool,
               Mapping("messages", messages="messages", tools="tools"), WITH_TOOLS),
    Convention("tools of openai", openai_tool,
               Mapping("messages", messages="messages", tools="tools"), WITH_TOOLS),
    Convention(
        "prompt and completion",
        lambda at: {"prompt": f"Why {at}?", "completion": f"Because\n{at}"},
        Mapping("prompt_completion", user="prompt", assistant="completion"),
        QUESTION,
    ),
    Convention(
        "prompt and completion as messages",
        lambda at: {"prompt": [said("user", f"Why {at}?")],
                    "completion": [said("assistant", f"Because\n{at}")]},
        Mapping("prompt_completion", user="prompt", assistant="completion"),
        QUESTION,
    ),
    Convention(
        "input and output",
        lambda at: {"input": f"Why {at}?", "output": f"Because\n{at}"},
        Mapping("columns", user="input", assistant="output"),
        QUESTION,
    ),
    Convention(
        "input and output with reasoning",
        lambda at: {"input": f"Why {at}?", "reasoning": f"Is it {at}? It is." if at % 2 else "",
                    "output": f"Because\n{at}"},
        Mapping("columns", user="input", assistant="output", reasoning="reasoning"),
        (QUESTION[0], ("assistant", "<think>\nIs it 3? It is.\n</think>\n\nBecause\n3")),
    ),
    Convention(
        "segments",
        lambda at: {"segments": [
            {"label": False, "text": f"Question {at}: why?\n"}, {"label": True, "text": "Because"},
            {"label": True, "text": f" {at}.\n"},
        ]},
        Mapping("segments", segments="segments"),
        (("masked", "Question 3: why?\n"), ("text", "Because"), ("text", " 3.\n")),
    ),
    Convention(
        "question, answer and context",
        lambda at: {"question": f"Why {at}?", "answer": f"Because\n{at}", "context": "All is so.",
                    "category": "why"},
        Mapping("columns", user="question", assistant="answer", system="context"),
        (("system", "All is so."), *QUESTION),
    ),
    Convention(
        "question, answer and article",
        lambda at: {"article": f"All of {at}.", "question": "Why?", "answer": "So."},
        Mapping("columns", user="question", assistant="answer", input="article"),
        (("user", "Why?\n\nAll of 3."), ("assistant", "So.")),
    ),
    Convention(
        "question and response with a system prompt",
        lambda at: {"id": f"row-{at}", "system_prompt": "Be brief.", "question": f"Why {at}?",
                    "response": f"Because\n{at}"},
        Mapping("columns", user="question", assistant="response", system="system_prompt"),
        (("system", "Be brief."), *QUESTION),
    ),
    Convention(
        "article and summary",
        lambda at: {"id": f"row-{at}", "article": f"Why {at}?", "summary": f"Because\n{at}"},
        Mapping("columns", user="article", assistant="summary"),
        QUESTION,
    ),
    Convention(
        "classification",
        lambda at: {"phrase": f"Phrase, {at}", "tone": ("glad", "sad")[at % 2]},
        Mapping("columns", user="phrase", assistant="tone"),
        (("user", "Phrase, 3"), ("assistant", "sad")),
    ),
    Convention(
        "raw text",
        lambda at: {"text": f'Story "{at}"\nof two lines'},
        Mapping("text", text="text"),
        (("text", 'Story "3"\nof two lines'),),
    ),
    Convention(
        "preference",
        lambda at: {"prompt": f"Why {at}?", "chosen": f"Because\n{at}", "rejected": "No."},
        Mapping("preference", user="prompt", chosen="chosen", rejected="rejected"),
        QUESTION,
        rejected=(("assistant", "No."),),
    ),
    Convention(
        "preference with the prompt in both answers",
        lambda at: {
            "chosen": [said("user", f"Why {at}?"), said("assistant", f"Because\n{at}")],
            "rejected": [said("user", f"Why {at}?"), said("assistant", "No.")],
        },
        Mapping("preference", chosen="chosen", rejected="rejected"),
        QUESTION,
        rejected=(("assistant", "No."),),
    ),
    Convention(
        "preference of alpaca",
        lambda at: {"instruction": "Why?", "input": f"Of {at}", "chosen": "So.", "rejected": "No."},
        Mapping("preference", user="instruction", input="input", chosen="chosen",
                rejected="rejected"),
        (("user", "Why?\n\nOf 3"), ("assistant", "So.")),
        rejected=(("assistant", "No."),),
    ),
    Convention(
        "unpaired preference",
        lambda at: {"prompt": f"Why {at}?", "completion": f"Because\n{at}", "label": at % 3 > 0},
        Mapping("unpaired", user="prompt", assistant="completion", label="label"),
        QUESTION,
        desirable=False,
    ),
)  # fmt: skip


def as_lines(rows: Rows) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def as_table(rows: Rows, **options: Any) -> bytes:
    """Nested values as JSON, all else as Python's csv writes it."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), **options)
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {name: json.dumps(cell, indent=1) if isinstance(cell, list) else cell
             for name, cell in row.items()}
        )  # fmt: skip
    return text.getvalue().encode()


def as_parquet(rows: Rows) -> bytes:
    content = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), content, row_group_size=5)
    return content.getvalue()


def as_arrow(rows: Rows) -> bytes:
    table = pyarrow.Table.from_pylist(rows)
    content = io.BytesIO()
    with ipc.new_stream(content, table.schema) as writer:
        writer.write_table(table)
    return content.getvalue()


def as_zip(rows: Rows) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("inside/rows.jsonl", as_lines(rows))
    return content.getvalue()


FILES: dict[str, Callable[[Rows], bytes]] = {
    "list.json": lambda rows: json.dumps(rows).encode(),
    "indented.json": lambda rows: json.dumps(rows, indent=2).encode(),
    "wrapped.json": lambda rows: json.dumps({"data": rows}).encode(),
    "lines.jsonl": as_lines,
    "table.csv": as_table,
    "pandas.csv": lambda rows: as_table(
        [{name: repr(cell) if isinstance(cell, list) else cell for name, cell in row.items()}
         for row in rows]
    ),
    "table.tsv": lambda rows: as_table(rows, delimiter="\t"),
    "table.parquet": as_parquet,
    "table.arrow": as_arrow,
    "lines.jsonl.gz": lambda rows: gzip.compress(as_lines(rows)),
    "table.csv.gz": lambda rows: gzip.compress(as_table(rows)),
    "packed.zip": as_zip,
}  # fmt: skip


def write_files(folder: Path, rows: Rows) -> list[Path]:
    """The same rows in every kind of file."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content(rows))
    return [folder / name for name in FILES]
