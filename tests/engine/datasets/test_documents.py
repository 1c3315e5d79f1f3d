"""Raw text, and documents cut into rows of it."""

import gzip
import io
import zipfile
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from engine.datasets.render import MASKED, encode_row
from engine.datasets.row_file import read_rows
from engine.protocol.dataset_specs import Mapping
from engine.protocol.problems import Refused
from tests.engine.datasets.test_importing import bring, found, lines, table

SENTENCE = "The quick brown fox number {} jumps over the lazy dog near the river bank. "
PARAGRAPHS = ["".join(SENTENCE.format(10 * at + each) for each in range(10)) for at in range(12)]
PLAIN = "\n\n".join(PARAGRAPHS)


def texts(dataset_path: str) -> list[str]:
    return [row.messages[0][1] for row in read_rows(dataset_path)]


def word_file(paragraphs: list[str]) -> bytes:
    """The least that Word opens."""
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    body = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in paragraphs)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.'
            'openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{main}"><w:body>{body}</w:body></w:document>',
        )
    return content.getvalue()


def pdf_file(pages: list[str], *, password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    for text in pages:
        page = writer.add_blank_page(600, 800)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 700 Td ({text}) Tj ET".encode("latin-1"))
        page[NameObject("/Contents")] = stream
    if password:
        writer.encrypt(password)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


HTML = (
    "<html><head><style>p {color: red}</style></head><body><script>steal()</script><h1>Foxes</h1>"
    + "".join(f"<p>{each}</p>" for each in PARAGRAPHS)
    + "</body></html>"
)
MARKDOWN = "# Foxes\n\n" + PLAIN


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", PLAIN.encode()),
        ("a.txt", PLAIN.encode("utf-16")),
        ("a.txt.gz", gzip.compress(PLAIN.encode())),
        ("a.md", MARKDOWN.encode()),
        ("a.html", HTML.encode()),
        ("a.docx", word_file(PARAGRAPHS)),
        ("a.pdf", pdf_file(PARAGRAPHS)),
    ],
)
def test_a_document_becomes_rows_that_lose_nothing(
    tmp_path: Path, name: str, content: bytes
) -> None:
    made = bring(tmp_path / name, content)
    assert made.mapping == Mapping(convention="text", text="text")
    pieces = texts(made.path)
    assert 4 <= len(pieces) <= 13
    assert max(len(piece) for piece in pieces) <= 2000
    together = " ".join(" ".join(pieces).split())
    assert all(" ".join(each.split()) in together for each in PARAGRAPHS)
    assert "steal" not in together
    assert "color" not in together


def test_pieces_of_a_text_know_the_line_they_begin_on(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.txt", PLAIN)
    whole = PLAIN.splitlines()
    assert all(
        row.messages[0][1].startswith(whole[row.line - 1][:40]) for row in read_rows(made.path)
    )


def test_rows_of_a_pdf_know_their_page(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.pdf", pdf_file(["first page", "second page"]))
    assert [row.line for row in read_rows(made.path)] == [1, 2]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"%PDF-1.7\nnothing", "datasets.damaged-document"),
        ("a.pdf", pdf_file(["hidden"], password="secret"), "datasets.encrypted"),
        ("a.docx", b"PK\x03\x04 no zip", "datasets.damaged-document"),
        (
            "a.txt",
            b"caf\xc3\xa9 \n" * 50 + b"\xff broken \xe9",
            "datasets.encoding",
        ),
        ("a.pdf", pdf_file([""]), "datasets.no-rows"),
    ],
)
def test_what_is_wrong_with_a_document_is_said(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        bring(tmp_path / name, content)
    assert refused.value.problem.code == code
    assert name in refused.value.problem.message


def test_a_folder_of_documents_is_one_dataset(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "one.md").write_text(MARKDOWN)
    (folder / "two.txt").write_text("A short note.")
    (folder / "README.md").write_text("Not data.")
    made = bring(folder)
    assert "A short note." in texts(made.path)
    assert "Not data." not in texts(made.path)
    assert made.findings == ()


@pytest.mark.parametrize(
    ("rows", "convention"),
    [
        ([{"text": f"Story {at}", "url": f"u{at}"} for at in range(20)], "text"),
        ([{"text": f"Story {at}", "mood": ("glad", "sad")[at % 2]} for at in range(20)], "columns"),
        ([{"text": f"Story {at}", "label": at % 2} for at in range(20)], "columns"),
        ([{"question": f"Why {at}?", "text": f"Story {at}"} for at in range(20)], "columns"),
    ],
)
def test_text_alone_is_raw_text_and_text_with_a_label_is_not(
    tmp_path: Path, rows: list[dict[str, object]], convention: str
) -> None:
    assert bring(tmp_path / "a.jsonl", lines(*rows)).mapping.convention == convention


def test_raw_text_is_the_same_from_every_format(tmp_path: Path) -> None:
    rows = [{"text": f"Story {at}\nwith two lines"} for at in range(20)]
    one = bring(tmp_path / "a.jsonl", lines(*rows))
    other = bring(tmp_path / "b.csv", table(rows))
    assert one.sha256 == other.sha256
    assert one.rows == 20


def test_an_empty_text_is_named(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines({"text": "one"}, {"text": " "}, {"text": "two"}))
    assert found(made) == [("error", 2, "The text in 'text' is empty")]


class WordTokenizer:
    """A token a word, which is all that rendering asks for."""

    chat_template = "{% for turn in messages %}<{{ turn.role }}>{% endfor %}"
    eos_token = " <end>"
    is_fast = False

    def __call__(self, text: str, **_: object) -> dict[str, list[int]]:
        return {"input_ids": [hash(word) for word in text.split()]}


def test_raw_text_carries_loss_to_its_end_and_meets_no_template(tmp_path: Path) -> None:
    made = bring(tmp_path / "a.jsonl", lines({"text": "three words here"}, {"text": "more"}))
    row = next(row for row in read_rows(made.path) if row.number == 1)
    encoded = encode_row(row, WordTokenizer(), max_length=100)  # type: ignore[arg-type]
    assert len(encoded.input_ids) == 4
    assert encoded.labels == encoded.input_ids
    assert MASKED not in encoded.labels
