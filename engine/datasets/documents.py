"""Source documents as rows of raw text: .txt, .md, .html, .docx and .pdf."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from xml.parsers.expat import ExpatError

import mammoth
import pypdf
from bs4 import BeautifulSoup
from markdownify import MarkdownConverter
from pypdf.errors import PyPdfError
from semantic_text_splitter import MarkdownSplitter, TextSplitter

from engine.datasets.conversation import TEXT
from engine.datasets.findings import Findings
from engine.datasets.source import Progress, Record, Source, brief, is_clean
from engine.protocol.problems import Refused

CHARACTERS = (800, 2000)  # of a row: about 200 to 500 tokens of English
LARGEST = 64 * 1024 * 1024  # bytes of a document
DAMAGES = (  # what the parsers raise over damaged bytes, wherever in them that is noticed
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError,
    TypeError, ValueError, ExpatError, PyPdfError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
NO_IMAGE = mammoth.images.img_element(lambda image: {"src": ""})
NOT_READ = ("script", "style", "noscript", "template", "svg", "nav")


def read_document(source: Source, findings: Findings, progress: Progress) -> Iterator[Record]:
    """One record per piece of 800 to 2,000 characters, cut where a heading, paragraph or sentence
    ends; its line is where the piece begins, for PDF the page.

    Raises Refused when the document is damaged, encrypted, too large or holds no text.
    """
    if source.path.stat().st_size > LARGEST:
        raise Refused(
            "datasets.too-large",
            f"{source.name} is a document of more than 64 MB.",
            "Split it into smaller ones.",
        )
    found = 0
    for record in _pieces(source, findings, progress):
        found += 1
        yield record
    if not found:
        findings.error("The document holds no text; a scan needs text recognition first")


def _pieces(source: Source, findings: Findings, progress: Progress) -> Iterator[Record]:
    match PurePath(source.name.lower().removesuffix(".gz")).suffix:
        case ".pdf":
            yield from _pdf(source, findings, progress)
        case ".docx":
            yield from _markdown(_docx(source))
        case ".html" | ".htm":
            yield from _markdown(_html(source))
        case ".md":
            yield from _markdown(_text(source))
        case _:
            yield from _cut(_text(source), TextSplitter(CHARACTERS))


def _text(source: Source) -> str:
    with source.open() as file:
        text = file.read()
    if is_clean(text):
        return text
    raise Refused(
        "datasets.encoding",
        f"{source.name} holds bytes that are not in its encoding.",
        "Save it as UTF-8.",
    )


def _html(source: Source) -> str:
    try:
        return _from_html(_text(source))
    except RecursionError as error:
        raise _damaged(source, ValueError("its elements are nested too deeply")) from error


def _markdown(text: str) -> Iterator[Record]:
    return _cut(text, MarkdownSplitter(CHARACTERS))


def _cut(text: str, splitter: Any) -> Iterator[Record]:
    line, counted = 1, 0
    for start, piece in splitter.chunk_indices(text):
        line += text.count("\n", counted, start)
        counted = start
        if piece.strip():
            yield Record(line, {TEXT: piece})


def _pdf(source: Source, findings: Findings, progress: Progress) -> Iterator[Record]:
    splitter = TextSplitter(CHARACTERS)
    try:
        reader = pypdf.PdfReader(source.path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused(
                "datasets.encrypted",
                f"{source.name} is encrypted.",
                "Save a copy without a password and bring that.",
            )
        pages = len(reader.pages)
    except DAMAGES as error:
        raise _damaged(source, error) from error
    for number in range(pages):
        try:
            text = reader.pages[number].extract_text()
        except DAMAGES as error:
            findings.error(f"Page {number + 1} cannot be read: {type(error).__name__}", number + 1)
            continue
        if is_clean(text):
            for piece in splitter.chunks(text):
                yield Record(number + 1, {TEXT: piece})
        progress((number + 1) / pages)


def _docx(source: Source) -> str:
    try:
        made = mammoth.convert_to_html(
            io.BytesIO(source.path.read_bytes()),
            convert_image=NO_IMAGE,
            external_file_access=False,
        )
    except DAMAGES as error:
        raise _damaged(source, error) from error
    return _from_html(made.value)


def _from_html(html: str) -> str:
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup([*NOT_READ, "img"]):
        tag.decompose()
    text: str = MarkdownConverter(heading_style="ATX", strip=["a"]).convert_soup(soup)
    return text.strip()


def _damaged(source: Source, error: Exception) -> Refused:
    return Refused(
        "datasets.damaged-document",
        f"{source.name} cannot be read: {brief(error)}.",
        "Open it in its own program and save it again.",
    )
