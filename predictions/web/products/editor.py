"""The columns of a draft as rows of a form: four fields a row, and all others for the row that is open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from predictions.models import ProductDraft
from predictions.services.products.drafting.entries import Checked, Entries, changed
from predictions.services.products.drafting.texts import ID, LEFT_OUT, Texts

ROLE_WORDS = {
    "input": "Input",
    "protected": "Protected",
    "carried": "Carried",
    "carried_protected": "Protected, carried",
    "after_decision": "Known after the decision",
    ID: "Application ID",
    LEFT_OUT: "Left out",
}
KIND_WORDS = {"number": "Number", "category": "Choice", "yes_no": "Yes or no"}
DIRECTION_WORDS = {
    "": "None",
    "auto": "Found by the data",
    "up": "More never hurts",
    "down": "More never helps",
    "none": "No order",
}
_CHOICES = {"role": ROLE_WORDS, "kind": KIND_WORDS, "direction": DIRECTION_WORDS}
ROW = ("role", "label", "kind", "direction")
HEAD = ("title", "name", "currency", "means")


@dataclass(frozen=True, slots=True)
class DetailField:
    """A field of the open row. `lines` makes a text area of that height."""

    key: str
    label: str
    help: str = ""
    kinds: str = "number category yes_no"
    lines: int = 0
    flag: bool = False


DETAILS = (
    DetailField("group", "Group on the form", "Fields of a group stand together."),
    DetailField("help", "Help on the form"),
    DetailField("unit", "Unit", "Such as months or EUR.", "number"),
    DetailField("minimum", "From", "Lowest value.", "number"),
    DetailField("above", "Or above", "Instead of From, if the bound itself is refused.", "number"),
    DetailField("maximum", "To", "Highest value.", "number"),
    DetailField("usual_low", "Usual from", "Values outside are accepted with a remark.", "number"),
    DetailField("usual_high", "Usual to", "", "number"),
    DetailField("decimals", "Decimals", "", "number"),
    DetailField("scale", "Scale", "People read the stored value times this.", "number"),
    DetailField(
        "choices",
        "Choices",
        "One a line, in the order of the form: value | label.",
        "category yes_no number",
        6,
    ),
    DetailField("special", "Special codes", "One a line: -9 | no bureau record.", "number", 3),
    DetailField("bands", "Bands", "Where a protected number is parted: 25, 40, 60.", "number"),
    DetailField("document", "Proved by", "Such as a payslip. Nobody proves a protected value."),
    DetailField("adverse_low", "An applicant is told, when it is low", "", "number"),
    DetailField(
        "adverse_high", "An applicant is told, when it is high", "Of a choice: when it counts against."
    ),
    DetailField(
        "aliases", "Other headings in files", "One a line. Case, spaces, _ and - never matter.", lines=3
    ),
    DetailField("required", "Required", "An application without it is refused.", flag=True),
    DetailField("in_lists", "In lists", "Lists of applications show it.", flag=True),
    DetailField("compared", "Compare groups by it", "As protected columns are.", flag=True),
)


class Detail:
    """A field of the open row with its value and faults."""

    def __init__(self, field: DetailField, texts: Texts, faults: list[str]) -> None:
        self.field, self.value, self.faults = field, texts[field.key], faults
        self.id = f"more-{field.key}"


class Row:
    """A column of a draft."""

    def __init__(self, place: int, texts: Texts, faults: Mapping[str, list[str]], *, is_open: bool) -> None:
        self.place, self.texts, self.is_open = place, texts, is_open
        self.faults = dict(faults)
        self.roles, self.kinds, self.directions = ROLE_WORDS, KIND_WORDS, DIRECTION_WORDS
        self.in_schema = texts["role"] not in (ID, LEFT_OUT)
        self.may_be_asked = texts["role"] in ("input", "carried", "protected", "carried_protected")

    @property
    def all_faults(self) -> list[str]:
        named = {field.key: field.label for field in DETAILS}
        return [
            f"{named[key]}: {words}" if key in named else words
            for key, found in self.faults.items()
            for words in found
        ]

    @property
    def details(self) -> list[Detail]:
        kind = self.texts["kind"]
        shown = (field for field in DETAILS if kind in field.kinds.split() or self.faults.get(field.key))
        return [Detail(field, self.texts, self.faults.get(field.key, [])) for field in shown]

    @property
    def summary(self) -> str:
        """What the closed row tells of its details."""
        texts = self.texts
        lines = texts["choices"].splitlines()
        if lines or texts["kind"] != "number":
            return f"{len(lines) or 2} choices"
        low, high = texts["minimum"] or texts["above"], texts["maximum"]
        span = f"{low} to {high}" if low and high else "Any number"
        return f"{span} {texts['unit']}".strip()

    @property
    def gaps(self) -> str:
        return "" if "gaps" not in self.texts else f"{100 * self.texts['gaps']:.0f}%"

    @property
    def alone(self) -> str:
        auc = self.texts.get("auc")
        return "" if auc is None else f"{auc:.2f}"


class EditorView:
    """A draft as the page of its columns shows it."""

    def __init__(self, draft: ProductDraft, checked: Checked, open_place: int | None = None) -> None:
        self.draft, self.checked = draft, checked
        self.head, self.target = draft.entries["head"], draft.entries["target"]
        self.notes = draft.entries["notes"]
        self.rows = [
            Row(place, texts, checked.by_column.get(place, {}), is_open=place == open_place)
            for place, texts in enumerate(draft.entries["columns"])
        ]
        self.faulty = [row for row in self.rows if row.faults]
        self.fault_count = sum(len(row.all_faults) for row in self.faulty) + len(checked.others)


def read_changes(entries: Entries, posted: QueryDict, *, is_new: bool) -> Entries:
    """Return the entries with what a form sent; a value that no page offers is passed over."""
    # PostgreSQL stores no NUL, which nobody types.
    sent = {key: str(posted[key]).replace("\0", "").strip() for key in posted}
    head: dict[str, Any] = {key: sent[key] for key in HEAD if key in sent}
    if not is_new:
        head.pop("name", None)
    head["means_confirmed"] = "means_confirmed" in sent
    columns: dict[int, dict[str, Any]] = {}
    for place in range(len(entries["columns"])):
        columns[place] = dict(_row(sent, place))
    if (opened := _open_place(sent)) in columns:
        columns[opened] |= dict(_details(sent))
    return changed(entries, head, columns)


def _row(posted: Mapping[str, str], place: int) -> Iterator[tuple[str, str]]:
    for key in ROW:
        text = str(posted.get(f"{key}-{place}", ""))
        if f"{key}-{place}" in posted and (key == "label" or text in _CHOICES[key]):
            yield key, text.strip()


def _open_place(posted: Mapping[str, str]) -> int:
    text = str(posted.get("more", ""))
    return int(text) if text.isdecimal() and len(text) < 6 else -1


def _details(posted: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield the details that the form had; an unticked box is sent by nothing but its neighbours."""
    for field in DETAILS:
        if field.flag:
            yield field.key, f"more-{field.key}" in posted
        elif f"more-{field.key}" in posted:
            yield field.key, str(posted[f"more-{field.key}"]).replace("\r\n", "\n").strip()
