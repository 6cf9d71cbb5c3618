"""The entries of a draft: head and columns as texts, from a table or a schema, and back to a schema."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ml.applications.records import fold
from ml.errors import SchemaError, SchemaErrorFault
from ml.schemas.facts import facts_of
from ml.schemas.schema import Schema
from predictions.services.products import products
from predictions.services.products.drafting.texts import (
    ID,
    LEFT_OUT,
    Texts,
    column_facts,
    column_texts,
    field_of,
    rows_with_place,
)
from predictions.services.products.schemas import title_faults

if TYPE_CHECKING:
    from ml.schemas.draft import ColumnDraft, Draft

Entries = dict[str, Any]
HEAD = ("name", "title", "currency", "means")
TARGET = ("column", "good", "bad", "leave_out")
ASKED_FOR = ("amount", "term")
_NEITHER = ("format", "name", "title", "currency", "id", "target", "column")


class Checked(NamedTuple):
    """The schema of a draft, or its faults: of columns by place and field, and all others."""

    schema: Schema | None
    by_column: dict[int, dict[str, list[str]]]
    others: list[str]


def new_entries(*, title: str, name: str, currency: str, headings: Sequence[str], outcome: str) -> Entries:
    """Return the entries of a table whose outcome nobody has told yet."""
    head = {"title": title, "name": name, "currency": currency, "means": "", "means_confirmed": False}
    target = {"column": outcome, "good": [], "bad": [], "leave_out": []}
    return {"head": head, "target": target, "headings": [*headings], "columns": [], "rest": {}, "notes": []}


def with_draft(entries: Entries, draft: "Draft") -> Entries:
    """Return entries with the columns that were drafted from their table."""
    target = draft.facts["target"]
    head = entries["head"] | {"means": target["means"]}
    notes = [*draft.notes, f"{draft.rows:,} rows: {draft.good_rows:,} good, {draft.bad_rows:,} bad."]
    return entries | {
        "head": head,
        "target": {key: target.get(key, []) for key in TARGET},
        "columns": [_drafted(column) for column in draft.columns if column.role != "target"],
        "rest": {key: draft.facts[key] for key in ASKED_FOR if key in draft.facts},
        "notes": notes,
    }


def entries_of(schema: Schema) -> Entries:
    """Return the entries of a schema, to be edited as its next version."""
    facts = facts_of(schema)
    target = facts["target"]
    id_column = facts.get("id", {}).get("column")
    columns = [column_texts(column) | {"heading": column["name"]} for column in facts["column"]]
    return {
        "head": {key: facts.get(key, "") for key in HEAD}
        | {"means": target.get("means", ""), "means_confirmed": target.get("means_confirmed", True)},
        "target": {key: target.get(key, []) for key in TARGET},
        "headings": [],
        "columns": ([_id_texts(id_column)] if id_column else []) + columns,
        "rest": {key: value for key, value in facts.items() if key not in _NEITHER},
        "notes": [],
    }


def with_table(entries: Entries, draft: "Draft") -> Entries:
    """Return a schema's entries with what a table tells about its columns, and further columns."""
    by_heading = {fold(column.heading): column for column in draft.columns if column.role != "target"}
    columns = []
    for texts in entries["columns"]:
        found = [by_heading.pop(fold(name), None) for name in [texts["name"], *texts["aliases"].splitlines()]]
        column = next(filter(None, found), None)
        columns.append(texts | (_told(column) if column else {}))
    further = [_drafted(column) for column in by_heading.values()]
    return entries | {"columns": columns + [_no_second_id(texts) for texts in further]}


def check_entries(entries: Entries) -> Checked:
    """Read entries as a schema. Nothing is raised: faults are for the page to show."""
    from ml.schemas.toml import schema_from_facts

    faults: list[SchemaErrorFault] = []
    rows = [*rows_with_place(entries["columns"])]
    facts = _head_facts(entries, faults)
    facts["column"] = [
        column_facts(texts, f"column[{number}]", faults) for number, (_, texts) in enumerate(rows)
    ]
    schema = None
    try:
        schema = schema_from_facts(facts | _rest(entries, facts), str(entries["head"]["title"]))
    except SchemaError as error:
        faults += error.faults
    by_column, others = _placed(faults, [place for place, _ in rows])
    return Checked(None if faults else schema, by_column, others)


def _rest(entries: Entries, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys without fields on the page, without an amount or term that is no number any more."""
    numbers = {
        column["name"]
        for column in facts["column"]
        if column["kind"] == "number" and column.get("role", "input") == "input"
    }
    rest: dict[str, Any] = entries["rest"]
    return {key: value for key, value in rest.items() if key not in ASKED_FOR or value in numbers}


def _head_facts(entries: Entries, faults: list[SchemaErrorFault]) -> dict[str, Any]:
    head, target = entries["head"], entries["target"]
    ids = [texts["name"] for texts in entries["columns"] if texts["role"] == ID]
    if len(ids) > 1:
        words = f"{' and '.join(ids)} have the role application ID; expected one of them at most."
        faults.append(SchemaErrorFault("id", None, words))
    facts = _names(head, faults)
    told = {key: value for key in TARGET if (value := target[key])} | {"means": head["means"].strip()}
    if not head["means_confirmed"]:
        told["means_confirmed"] = False
    return facts | {"id": {"column": ids[0]} if ids else {"made": True}, "target": told}


def _names(head: Mapping[str, str], faults: list[SchemaErrorFault]) -> dict[str, str]:
    """Return name, title and currency; a fault of the first two would hide those of columns."""
    name, title, currency = (head[key].strip() for key in ("name", "title", "currency"))
    if wrong := products.name_faults(name):
        faults.append(SchemaErrorFault("name", None, wrong["name"].detail))
    if untitled := title_faults(title):
        faults.append(SchemaErrorFault("title", None, untitled["title"].detail))
    facts = {"name": "unnamed" if wrong else name, "title": "Untitled" if untitled else title}
    return facts | ({"currency": currency} if currency else {})


def _placed(
    faults: Sequence[SchemaErrorFault], places: Sequence[int]
) -> tuple[dict[int, dict[str, list[str]]], list[str]]:
    by_column: dict[int, dict[str, list[str]]] = {}
    others = []
    for fault in faults:
        if fault.path.startswith("column["):
            place = places[int(fault.path[7 : fault.path.index("]")])]
            words = fault.message[:1].upper() + fault.message[1:]
            by_column.setdefault(place, {}).setdefault(field_of(fault.path), []).append(words)
        else:
            others.append(_other_words(fault))
    return by_column, others


_PLACES = {
    "name": "Name in addresses", "title": "Title", "currency": "Currency",
    "target.means": "What a good outcome means", "target": "Outcome", "id": "Application ID",
    "column": "Columns",
}  # fmt: skip


def _other_words(fault: SchemaErrorFault) -> str:
    return f"{_PLACES.get(fault.path, fault.path) or 'Schema'}: {fault.message}"


def _drafted(column: "ColumnDraft") -> Texts:
    """Return the texts of a drafted column; one that is left out has those of an input, if it became one."""
    facts = column.facts or column.as_input or {"name": column.name, "kind": "category"}
    texts = column_texts(column.as_input | facts)
    role = column.role if column.role in (ID, LEFT_OUT) else texts["role"]
    return texts | {"heading": column.heading, "role": role} | _told(column)


def _told(column: "ColumnDraft") -> Texts:
    return {"gaps": column.gaps, "auc": column.auc, "notes": [*column.notes], "distinct": column.distinct}


def _id_texts(name: str) -> Texts:
    return column_texts({"name": name, "kind": "category"}) | {"heading": name, "role": ID}


def _no_second_id(texts: Texts) -> Texts:
    return texts | {"role": LEFT_OUT} if texts["role"] == ID else texts


def changed(entries: Entries, head: Mapping[str, Any], columns: Mapping[int, Mapping[str, Any]]) -> Entries:
    """Return entries with what a form changed: fields of the head, and of columns by place."""
    merged = [texts | columns.get(place, {}) for place, texts in enumerate(entries["columns"])]
    return entries | {"head": entries["head"] | head, "columns": merged}
