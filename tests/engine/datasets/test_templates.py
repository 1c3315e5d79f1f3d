from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from engine.datasets.importing import ImportPlan, import_dataset
from engine.datasets.pieces import Piece
from engine.datasets.render import MASKED, encode_row, read_rows, render_row, token_view
from engine.datasets.templates import NoTokens, bound, prompt_pieces, row_pieces
from engine.protocol.dataset_specs import AddDataset, Mapping, Template
from engine.protocol.problems import Refused
from engine.protocol.records import Dataset, Row
from engine.store.gallery import gallery
from tests.fakes.tiny_model import write_tiny_model

COLUMNS = ("phrase", "tone", "note")
MAPPING = Mapping(user="phrase", assistant="tone")
ROW = Row(
    number=4,
    line=9,
    split="train",
    messages=(("user", "Lovely! 🦜"), ("assistant", "joy")),
    cells={"phrase": "Lovely! 🦜", "tone": "joy"},
)
TALK = Row(
    number=1,
    line=1,
    split="train",
    messages=(
        ("system", "Be brief."),
        ("user", "One?"),
        ("assistant", "Two."),
        ("user", "Three?"),
        ("assistant", "Four."),
        ("user", "Nobody answers this."),
    ),
    cells={"messages": "[]", "topic": "numbers"},
)
TALKS = Mapping(convention="messages", messages="messages")
END = NoTokens(bos_token="<s>", eos_token="</s>")
CHAT = (("system", "Rules."), ("user", "A"), ("assistant", "B"), ("user", "C"))
GENERATION = "{% generation %}{{ tone }}{% endgeneration %}"


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return AutoTokenizer.from_pretrained(write_tiny_model(tmp_path_factory.mktemp("tiny")))


def made(
    text: str,
    syntax: Literal["fields", "jinja"] = "fields",
    *,
    mapping: Mapping = MAPPING,
    columns: tuple[str, ...] = COLUMNS,
) -> Template:
    template = bound(Template("Mine", syntax, text), mapping, columns)
    assert template is not None
    return template


def marked(pieces: list[Piece]) -> str:
    """The text with brackets around what carries loss."""
    return "".join(f"⟦{piece.text}⟧" if piece.loss else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<|user|>{phrase}<|assistant|>{tone}", "<|user|>Lovely! 🦜<|assistant|>⟦joy</s>⟧"),
        ("{phrase}={tone}.", "Lovely! 🦜=⟦joy.</s>⟧"),
        ("[[{phrase}]] is [[{tone}]]", "⟦Lovely! 🦜⟧ is ⟦joy</s>⟧"),
        ("{phrase}: [[{tone}</s>]]", "Lovely! 🦜: ⟦joy</s>⟧"),
        ("{phrase}: [[{tone}]]\n", "Lovely! 🦜: ⟦joy⟧\n"),
        ("{note}{phrase} → {tone}", "Lovely! 🦜 → ⟦joy</s>⟧"),
        ("{user}: {assistant}", "Lovely! 🦜: ⟦joy</s>⟧"),
        (r"{bos_token}{{{phrase}}} \[[1\]] {tone}", "<s>{Lovely! 🦜} [[1]] ⟦joy</s>⟧"),
    ],
)
def test_fields_are_replaced_and_the_marked_part_is_learned(text: str, expected: str) -> None:
    assert marked(row_pieces(ROW, made(text), END)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ phrase }}: " + GENERATION, "Lovely! 🦜: ⟦joy⟧"),
        ("{{ user | upper }}{{ note }}{% if other %}?{% endif %}: " + GENERATION,
         "LOVELY! 🦜: ⟦joy⟧"),
        (
            "{% for m in messages %}{% if m.role == 'assistant' %}"
            "{% generation %}{{ m.content + eos_token }}{% endgeneration %}"
            "{% else %}{{ bos_token ~ m.content }}\n{% endif %}{% endfor %}",
            "<s>Lovely! 🦜⟦joy</s>⟧",
        ),
    ],
)  # fmt: skip
def test_jinja_reads_columns_and_messages_and_learns_its_generation_blocks(
    text: str, expected: str
) -> None:
    assert marked(row_pieces(ROW, made(text, "jinja"), END)) == expected.replace(
        "🦜⟦joy</s>", "🦜\n⟦joy</s>"
    )


@given(phrase=st.text(), tone=st.text(min_size=1), between=st.text(alphabet="ab \n<|>é🦜"))
def test_the_pieces_joined_are_the_text_whatever_the_cells_hold(
    phrase: str, tone: str, between: str
) -> None:
    row = Row(1, 1, "train", (), {"phrase": phrase, "tone": tone})
    pieces = row_pieces(row, made(between + "{phrase}" + between + "[[{tone}]]"), NoTokens())
    assert "".join(piece.text for piece in pieces) == between + phrase + between + tone
    assert "".join(piece.text for piece in pieces if piece.loss) == tone


@pytest.mark.parametrize(
    ("syntax", "text", "reason"),
    [
        ("fields", "{phrase}\n{mood} {tone}", "Line 2 .* no column 'mood'"),
        ("fields", "{phrase}\n\n{", "Line 3 .* '{' stands alone"),
        ("fields", "{} {tone}", "Line 1 .* names no column"),
        ("fields", '{phrase} {"a": 1} {tone}', """no column '"a": 1'"""),
        ("fields", "{phrase}\n[[{tone}", "Line 2 .* never closed"),
        ("fields", "{phrase} {tone}]]", "'\\]\\]' has no"),
        ("fields", "[[{phrase} [[{tone}]]", "inside another"),
        ("fields", "Hello", "names no column"),
        ("jinja", "{{ phrase }}\n{% if %}" + GENERATION, "Line 2 .* Expected an expression"),
        ("jinja", "{{ phrase }} {{ tone }}", "not marked"),
        ("jinja", "{{ phrase }}\n{{ mood }}" + GENERATION, "Line 2 .* no column 'mood'"),
        ("jinja", "{% generation %}{{ tone }}", "Unexpected end of template"),
    ],
)
def test_a_faulty_template_is_refused_with_its_line_and_the_reason(
    syntax: Literal["fields", "jinja"], text: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        made(text, syntax)


def test_an_unknown_column_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(Refused) as caught:
        made("{phrase} {mood}")
    assert caught.value.problem.hint == "The dataset has: phrase, tone, note."


def test_a_row_of_several_exchanges_is_the_template_once_for_each() -> None:
    template = made(
        "{topic}/{system}/{user}:{assistant}", mapping=TALKS, columns=("messages", "topic")
    )
    assert marked(row_pieces(TALK, template, END)) == (
        "numbers/Be brief./One?:⟦Two.</s>⟧numbers/Be brief./Three?:⟦Four.</s>⟧"
    )


def test_alpacas_history_is_rendered_before_the_row_itself() -> None:
    row = Row(
        number=1,
        line=1,
        split="train",
        messages=(("user", "1?"), ("assistant", "1"), ("user", "2?\n\nx"), ("assistant", "2")),
        cells={"instruction": "2?", "input": "x", "output": "2", "history": '[["1?", "1"]]'},
    )
    mapping = Mapping(
        convention="alpaca", user="instruction", assistant="output", input="input",
        history="history",
    )  # fmt: skip
    template = made("{instruction}({input}) {output}\n", mapping=mapping, columns=tuple(row.cells))
    assert marked(row_pieces(row, template, END)) == "1?() ⟦1\n</s>⟧2?(x) ⟦2\n</s>⟧"


def test_a_cell_with_messages_is_read_as_the_conversation_that_it_holds() -> None:
    row = Row(
        number=1,
        line=1,
        split="train",
        messages=(("user", "Hi"), ("assistant", "Yes")),
        cells={"prompt": '[{"role":"user","content":"Hi"}]', "completion": "Yes"},
    )
    mapping = Mapping(convention="prompt_completion", user="prompt", assistant="completion")
    template = made("{prompt}>{completion}", mapping=mapping, columns=tuple(row.cells))
    assert marked(row_pieces(row, template, END)) == "Hi>⟦Yes</s>⟧"


def test_a_mapping_that_does_not_fit_the_text_gives_way_to_it() -> None:
    template = made("{phrase} {note}: {tone}", mapping=Mapping(user="tone", assistant="note"))
    assert template.roles == {"note": "user", "tone": "assistant"}


@pytest.mark.parametrize(
    ("text", "syntax", "prompt"),
    [
        ("{phrase}{note}={tone}", "fields", "A=⟦B</s>⟧C="),
        ("{system}|{user}=[[{assistant}]];", "fields", "Rules.|A=⟦B⟧;Rules.|C="),
        ("{note}: {tone}", "fields", "A: ⟦B</s>⟧C: "),  # the last column before the answer asks
        ("Tone: {tone}", "fields", "Tone: ⟦B</s>⟧Tone: C"),  # nothing asks: the model goes on
        ("{{ phrase }}=" + GENERATION + ";", "jinja", "A=⟦B⟧;C="),
        (
            "{% for m in messages %}{{ m.role[0] }}:{% generation %}{% if m.role == 'assistant' %}"
            "{{ m.content }}{% endif %}{% endgeneration %}{% if m.role != 'assistant' %}"
            "{{ m.content }}{% endif %};{% endfor %}",
            "jinja",
            "s:Rules.;u:A;a:⟦B⟧;u:C;a:",
        ),
    ],
)
def test_a_chat_is_the_text_of_a_row_up_to_where_the_reply_begins(
    text: str, syntax: Literal["fields", "jinja"], prompt: str
) -> None:
    assert marked(prompt_pieces(CHAT, made(text, syntax), END)) == prompt


@pytest.mark.parametrize("entry", gallery(Path("/nowhere")), ids=lambda each: each.template.name)
def test_every_template_of_the_gallery_teaches_an_answer_and_asks_as_it_taught(
    entry: Any, tokenizer: Any
) -> None:
    row = Row(
        number=1,
        line=1,
        split="train",
        messages=(("user", "What is it?"), ("assistant", "A parrot 🦜.")),
        cells={"question": "What is it?", "answer": "A parrot 🦜.", "input": ""},
    )
    template = bound(entry.template, Mapping(user="question", assistant="answer"), tuple(row.cells))
    assert template is not None
    assert set(template.columns) == set(entry.expects) - {"messages"}
    pieces = render_row(row, tokenizer, template)
    learned = "".join(piece.text for piece in pieces if piece.loss)
    assert learned.startswith("A parrot 🦜.")
    assert learned.endswith(("<|im_end|>", "<|eot_id|>"))  # it learns to stop
    prompt = prompt_pieces(row.messages[:1], template, tokenizer)
    assert prompt == pieces[: len(prompt)]
    assert pieces[len(prompt)].loss
    view = token_view(row, tokenizer, max_length=4096, template=template)
    assert "".join(token.text for token in view.tokens) == "".join(each.text for each in pieces)


def test_every_task_has_two_templates_or_more() -> None:
    tasks = [entry.template.task for entry in gallery(Path("/nowhere"))]
    assert all(tasks.count(task) >= 2 for task in set(tasks))
    assert set(tasks) == {"chat", "instruction", "classification", "extraction", "summarization"}


def test_chatml_of_the_gallery_is_the_text_that_a_chatml_base_has(tokenizer: Any) -> None:
    chatml = next(e.template for e in gallery(Path("/nowhere")) if e.template.name == "ChatML")
    template = bound(chatml, TALKS, ("messages", "topic"))
    assert template is not None
    pieces = render_row(TALK, tokenizer, template)
    own = render_row(TALK, tokenizer)
    assert "".join(each.text for each in pieces) == "".join(each.text for each in own)
    assert [each.text for each in pieces if each.loss] == ["Two.<|im_end|>", "Four.<|im_end|>"]


def test_the_token_view_shows_the_tokens_that_are_trained_on(tokenizer: Any) -> None:
    template = made("{phrase} is {tone}")
    encoded = encode_row(ROW, tokenizer, max_length=512, template=template)
    view = token_view(ROW, tokenizer, max_length=512, template=template)
    assert view.template == "Mine"
    assert [token.loss for token in view.tokens] == [label != MASKED for label in encoded.labels]
    assert "".join(token.text for token in view.tokens if token.loss) == "joy<|im_end|>"


def test_what_is_cut_is_shown_too_up_to_a_limit(tokenizer: Any) -> None:
    template = made("{phrase} is {tone}")
    whole = token_view(ROW, tokenizer, max_length=512, template=template)
    cut = token_view(ROW, tokenizer, max_length=8, template=template)
    assert whole.cut_tokens == ()
    assert cut.tokens + cut.cut_tokens == whole.tokens
    assert cut.cut == len(cut.cut_tokens)
    long = Row(1, 1, "train", (), {"phrase": "x" * 900, "tone": "y"})
    view = token_view(long, tokenizer, max_length=100, template=template)
    assert (view.cut, len(view.cut_tokens)) == (900 + len(" is y") + 1 - 100, 200)


def imported(folder: Path, text: str) -> Dataset:
    source = folder / "tones.csv"
    source.write_text("phrase,tone,note\nLovely,joy,\nOh no,fear,x\nFine,calm,y\nBad,fear,z\n")
    wanted = AddDataset(str(source), mapping=MAPPING, template=Template("Tones", "fields", text))
    plan = ImportPlan("d" * 32, 1, "tones", source, wanted, folder / "data" / "v1")
    return import_dataset(plan, lambda share: None)


def test_a_template_is_kept_with_the_dataset_and_what_its_names_stand_for(tmp_path: Path) -> None:
    dataset = imported(tmp_path, "{user}{note}: {assistant}")
    assert dataset.template == Template(
        name="Tones",
        syntax="fields",
        text="{user}{note}: {assistant}",
        columns={"user": "phrase", "note": "note", "assistant": "tone"},
        roles={"user": "user", "assistant": "assistant"},
    )
    row = next(iter(read_rows(dataset.path)))
    assert marked(row_pieces(row, dataset.template, END)) == "Lovely: ⟦joy</s>⟧"


def test_a_template_that_does_not_fit_the_file_stops_the_import(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no column 'mood'"):
        imported(tmp_path, "{phrase}: {mood}")
    assert not list((tmp_path / "data").iterdir())
