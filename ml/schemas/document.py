"""The file of a product's schema, entry by entry: what TOML files, manifests and the database hold.

A formula is a text in TOML. Documents of manifests and databases hold its checked tree beside the text, so
that a process that serves needs no parser.
"""

from typing import Annotated, Any, Literal

import msgspec

from ml.schemas.names import MAX_PRODUCT_NAME, PRODUCT_NAME

Number = int | float
Name = Annotated[str, msgspec.Meta(min_length=1)]
FEW, MANY = msgspec.Meta(max_length=200), msgspec.Meta(max_length=1_000)  # entries
Direction = Literal["up", "down", "auto", "none"]


class Formula(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A formula as it was written, and its checked tree (see `ml.expressions.tree`)."""

    text: str
    tree: Any


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An entry that keeps only what differs from the defaults, and refuses unknown keys."""


class IdEntry(_Entry, frozen=True, kw_only=True):
    """Where an application's ID comes from: a column of the files, or made by the site."""

    column: Name | None = None
    made: bool = False


class TargetEntry(_Entry, frozen=True, kw_only=True):
    """The outcome that training tables hold.

    Attributes
    ----------
    good, bad, leave_out : tuple of str
        Values that count as repaid or approved, as the opposite, and those whose rows are left out.
    means : str
        What the good values mean, such as "repaid without a default within 12 months".
    means_confirmed : bool
        Whether a person has confirmed `means`. A draft trains without; activation asks for it.
    """

    column: Name
    good: Annotated[tuple[str, ...], MANY]
    bad: Annotated[tuple[str, ...], MANY]
    leave_out: Annotated[tuple[str, ...], MANY] = ()
    means: str = ""
    means_confirmed: bool = True


class AdverseWords(_Entry, frozen=True, kw_only=True):
    """What an applicant is told when a low or a high value counts against the application."""

    low: str = ""
    high: str = ""


NO_WORDS = AdverseWords()


class ColumnEntry(_Entry, frozen=True, kw_only=True):
    """A column of an application (see `ml.schemas.features.Feature` for what the keys mean)."""

    name: Name
    label: str = ""
    group: str = "Application"
    help: str = ""
    kind: Literal["number", "category", "yes_no"]
    role: Literal["input", "carried", "after_decision"] = "input"
    choices: tuple[str | Number | tuple[str | Number, str], ...] = ()
    numbers: Annotated[dict[str, str], FEW] = {}
    spellings: Annotated[dict[str, str], FEW] = {}
    minimum: Number | None = None
    above: Number | None = None
    maximum: Number | None = None
    unit: str = ""
    decimals: Annotated[int, msgspec.Meta(ge=0, le=10)] | None = None
    scale: Number | None = None
    usual: tuple[Number, Number] | None = None
    too_low: str = ""
    too_high: str = ""
    required: bool = False
    protected: bool = False
    compared: bool = False
    bands: Annotated[tuple[Number, ...], FEW] = ()
    special: Annotated[dict[str, str], FEW] = {}
    missing: Annotated[tuple[Name, ...], FEW] = ()
    exponents: bool = False
    aliases: Annotated[tuple[Name, ...], FEW] = ()
    document: str = ""
    in_lists: bool = False
    direction: Direction | None = None
    actionable: tuple[int, int, int] | None = None
    adverse: AdverseWords | None = None


class ModelColumnEntry(_Entry, frozen=True, kw_only=True):
    """A column of the model (see `ml.schemas.model_columns.ModelColumn`)."""

    name: Name
    label: str = ""
    value: str | Formula
    worst_if: str | Formula | None = None
    direction: Direction = "auto"
    unit: str = ""
    digits: Annotated[int, msgspec.Meta(ge=0, le=10)] | None = None
    choices: tuple[str, ...] = ()
    adverse: AdverseWords | None = None


class BaselineEntry(_Entry, frozen=True, kw_only=True):
    """The rule that every model is compared with."""

    approve_unless: str | Formula
    label: str = ""


class TableCheck(_Entry, frozen=True, kw_only=True):
    """A remark that holds for many rows of a training table shows a wrong unit: how, and what is expected."""

    remark: str
    expected: str


class RemarkEntry(_Entry, frozen=True, kw_only=True):
    """A remark about an application for which `when` holds.

    Attributes
    ----------
    text : str
        May hold formulas in braces, which are written as whole numbers.
    figures : tuple of Formula
        The formulas in `text`, in their order. The reader of the file fills this in.
    refers : bool
        Whether the policy may refer an application for this remark.
    """

    when: str | Formula
    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    text: Name
    column: str | None = None
    refers: bool = True
    table_check: TableCheck | None = None
    figures: tuple[Formula, ...] = ()


class SchemaDocument(_Entry, frozen=True, kw_only=True):
    """The whole file.

    `format` is the version of these keys. `currency` stands in units in place of the word ``currency``.
    `amount` and `term` name the columns of what is asked for (see `ml.schemas.terms`).
    """

    format: Literal[1] = 1
    name: Annotated[str, msgspec.Meta(pattern=PRODUCT_NAME, max_length=MAX_PRODUCT_NAME)]
    title: Name
    currency: str = ""
    amount: Name | None = None
    term: Name | None = None
    id: IdEntry = IdEntry(made=True)
    target: TargetEntry
    column: Annotated[tuple[ColumnEntry, ...], msgspec.Meta(min_length=1, max_length=500)]
    model_column: Annotated[tuple[ModelColumnEntry, ...], MANY] = ()
    baseline: BaselineEntry | None = None
    remark: Annotated[tuple[RemarkEntry, ...], FEW] = ()
