"""What a person may ask of datasets; declared as in `engine.protocol.specs`."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from engine.protocol.specs import Text

TemplateTask = Literal["", "chat", "instruction", "classification", "extraction", "summarization"]
Convention = Literal[
    "prompt_completion", "messages", "alpaca", "columns", "text", "preference", "unpaired",
    "segments",
]  # fmt: skip


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """Which column of the file plays which part; empty: none."""

    convention: Convention = "columns"
    user: str = ""
    assistant: str = ""
    system: str = ""
    input: str = ""  # Alpaca's optional second half of the prompt
    history: str = ""  # Alpaca's earlier turns: pairs of what was asked and answered
    messages: str = ""
    text: str = ""  # raw text, learned as a whole
    split: str = ""  # a column that names the split of each row
    tools: str = ""  # JSON schemas of the functions that the assistant may call
    reasoning: str = ""  # what is thought before the answer
    chosen: str = ""  # the better of two answers
    rejected: str = ""  # the worse one
    label: str = ""  # whether the answer is a good one: true or false
    segments: str = ""  # pieces of raw text, each learned or only seen

    @property
    def parts(self) -> dict[str, str]:
        """The columns in use, by the part they play."""
        names = (name for name in self.__struct_fields__ if name != "convention")
        return {name: column for name in names if (column := getattr(self, name))}


class SplitSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows are held out. Decided by each row's own content, so that a row keeps its side."""

    validation: Annotated[
        float,
        Meta(
            gt=0,
            title="Validation",
            description="Rows held out to watch the training: below 1 a share, else a number.",
            extra={"unit": "rows"},
        ),
    ] = 0.1
    test: Annotated[
        float,
        Meta(
            ge=0,
            title="Test",
            description="Rows kept for evaluation alone: below 1 a share, else a number.",
            extra={"unit": "rows"},
        ),
    ] = 0.0
    seed: Annotated[
        int,
        Meta(ge=0, le=2**31 - 1, title="Seed", description="Another seed holds out other rows."),
    ] = 42
    stratify_by: Annotated[
        str,
        Meta(
            max_length=256,
            title="Stratify by",
            description="A column whose values have the same share on every side.",
        ),
    ] = ""
    group_by: Annotated[
        str,
        Meta(
            max_length=256,
            title="Group by",
            description="A column whose rows with one value stay on one side.",
        ),
    ] = ""
    given: Annotated[
        bool,
        Meta(
            title="Keep given splits",
            description="Keep the sides that files or a column name; off: hold out anew.",
        ),
    ] = True


class Template(Struct, frozen=True, forbid_unknown_fields=True):
    """How a row becomes text, in place of the base's own chat template.

    `columns` and `roles` are filled in when it is saved with a dataset: which column each name in
    the text reads, and which names a conversation fills ("user", "assistant", "system", "input").
    """

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    syntax: Literal["fields", "jinja"]
    text: Annotated[str, Meta(min_length=1, max_length=65536)]
    task: TemplateTask = ""
    columns: dict[str, str] = {}
    roles: dict[str, str] = {}


class AddDataset(Struct, frozen=True, forbid_unknown_fields=True):
    path: Text = ""  # a file or a folder; empty with `sample`: the built-in one
    parts: tuple[Text, ...] = ()  # more files of the same dataset
    name: Annotated[str, Meta(max_length=120)] = ""
    mapping: Mapping | None = None  # None: detected
    split: SplitSpec = SplitSpec()
    sample: bool = False
    template: Template | None = None  # None: the base's own chat template


class RowEdit(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person changes about one row of a version."""

    row: Annotated[int, Meta(ge=0)]  # its number there; 0: a new row
    cells: dict[str, str] | None = None  # all of them, as text; None: as they are
    remove: bool = False
    split: Literal["", "train", "validation", "test"] = ""  # empty: as it is


class EditDataset(Struct, frozen=True, forbid_unknown_fields=True):
    """Changes over a version, which make the next one; the file they came from is not touched."""

    version: int  # that the changes are meant for
    rows: tuple[RowEdit, ...] = ()
    fixes: tuple[str, ...] = ()  # codes of findings to put right, in this order
    ignore: tuple[str, ...] = ()  # codes of findings to say no more
    longer_than: int = 0  # remove rows of more tokens than that under `base`; 0: none
    base: Annotated[str, Meta(max_length=256)] = ""  # id or name
    split: SplitSpec | None = None  # None: every row keeps its side
    template: Template | UnsetType | None = UNSET  # None: the base's own chat template


class ExportRows(Struct, frozen=True, forbid_unknown_fields=True):
    """A version's rows as a file that any tool reads."""

    path: Text  # its ending tells the kind: .jsonl, .csv or .parquet
    version: int = 0  # 0: the newest
    split: Literal["", "train", "validation", "test"] = ""  # empty: all, with a column that tells
    overwrite: bool = False


class MixPart(Struct, frozen=True, forbid_unknown_fields=True):
    dataset: Annotated[str, Meta(max_length=256)]  # id or name
    weight: Annotated[float, Meta(gt=0, le=1e6)] = 1.0  # its share of the mix, against the others'


class MixDatasets(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of several datasets in given proportions; none is taken twice."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    parts: Annotated[tuple[MixPart, ...], Meta(min_length=1, max_length=32)]
    seed: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 42


class RowQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows of a version are looked at, and in which order."""

    query: str = ""  # a text that they hold, upper and lower case alike
    finding: str = ""  # a sort of finding
    answer: str | None = None  # exactly this last answer
    split: Literal["", "train", "validation", "test"] = ""
    shortest: int = 0  # tokens
    longest: int = 0  # tokens; 0: no limit
    sort: str = ""  # a column, "tokens" or "#"; empty: as they are
    descending: bool = False
