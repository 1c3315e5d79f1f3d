"""Names of files that may hold rows; what a file really is, its content decides."""

TABLE_ENDINGS = (
    ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".arrow", ".feather",
)  # fmt: skip
PACKED_ENDINGS = (".gz", ".zip")


def is_data_name(name: str) -> bool:
    """Whether a file of that name may hold rows, packed or not."""
    plain = name.lower().removesuffix(".gz")
    return plain.endswith((*TABLE_ENDINGS, ".zip"))
