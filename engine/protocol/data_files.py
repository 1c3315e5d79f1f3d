"""Names of files that may hold rows; what a file really is, its content decides."""

import re

TABLE_ENDINGS = (
    ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".feather",
)  # fmt: skip
DOCUMENT_ENDINGS = (".txt", ".md", ".html", ".htm", ".docx", ".pdf")
PACKED_ENDINGS = (".gz", ".zip")

SPLITS = {
    "train": "train", "training": "train",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
    "eval": "validation", "evaluation": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip
SPLIT_WORD = re.compile(rf"(?:^|[^a-z])({'|'.join(SPLITS)})(?:$|[^a-z])")


def is_data_name(name: str) -> bool:
    """Whether a file of that name may hold rows or be a document, packed or not."""
    plain = name.lower().removesuffix(".gz")
    return plain.endswith((*TABLE_ENDINGS, ".zip")) or is_document_name(name)


def is_document_name(name: str) -> bool:
    """Whether a file of that name is a document to cut into rows of text."""
    return name.lower().removesuffix(".gz").endswith(DOCUMENT_ENDINGS)


def split_of(name: str) -> str:
    """The split that a relative path names, or nothing; its last word counts."""
    words = SPLIT_WORD.findall(name.lower().replace("_", "-"))
    return SPLITS[words[-1]] if words else ""
