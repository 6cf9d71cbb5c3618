"""The form that filters the history, derived from the declared filters."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from predictions.models.querysets import AnyUser
from predictions.reading.blocks.codes import Known
from predictions.reading.declared_filters import PREDICTION_FILTERS, AnyFilter, Beginning, Rows
from predictions.reading.filters import read_choice
from predictions.reading.keyset import NEWEST, SORTS
from predictions.web.forms import MarkedBoundField, RuledField

EXACT, SORT = "exact", "sort"


class _EntryField(RuledField):
    """A field that its rule checks unless it is left empty."""

    def __init__(
        self, rule: Callable[[Any], object], label: str, widget: forms.Widget, unit: str = ""
    ) -> None:
        super().__init__(rule, required=False, label=label, widget=widget, unit=unit)

    def clean(self, value: object) -> object:
        text = value.strip() if isinstance(value, str) else ""
        return super().clean(text) if text else None


def _field(declared: AnyFilter) -> _EntryField:
    kind = declared.kind
    widget: forms.Widget = (
        forms.Select(choices=[("", "Any"), *kind.choices])
        if kind.choices
        else forms.TextInput(attrs={"autocomplete": "off", **kind.input_attributes})
    )
    return _EntryField(kind.entry_rule, declared.label, widget, kind.unit)


def _exact_field() -> _EntryField:
    """Return the field of a box that the template draws; a text input hands any text to the rule."""
    return _EntryField(read_choice(["on"]), "Exact match", forms.TextInput())


def _sort_field(sorts: Mapping[str, Any]) -> _EntryField:
    choices = [(name, sort.label) for name, sort in sorts.items()]
    return _EntryField(read_choice(list(sorts)), "Sort", forms.Select(choices=choices))


class HistoryForm(forms.Form):
    """Search, filters and sort of the history. Every field may be left empty. Other lists derive theirs.

    The form has the filters that `user` may use.
    """

    bound_field_class = MarkedBoundField
    declared_filters: tuple[AnyFilter, ...] = PREDICTION_FILTERS
    sorts: Mapping[str, Any] = SORTS
    first_sort = NEWEST

    def __init__(self, data: QueryDict, user: AnyUser) -> None:
        super().__init__(data)
        self._declared = [
            declared
            for declared in self.declared_filters
            if declared.page and (not declared.permission or user.has_perm(declared.permission))
        ]
        for declared in self._declared:
            self.fields[declared.page] = _field(declared)
            if declared.beginning:
                self.fields[EXACT] = _exact_field()
        self.fields[SORT] = _sort_field(self.sorts)

    def clean(self) -> dict[str, object]:
        for declared in self._declared:
            if declared.lower_end:
                self._refuse_backwards(declared.lower_end.page, declared.page, declared.lower_end.error)
        return self.cleaned_data

    def _refuse_backwards(self, low: str, high: str, why: str) -> None:
        start, end = self.cleaned_data.get(low), self.cleaned_data.get(high)
        if start is not None and end is not None and start > end:
            self.add_error(high, why)

    def invalid_fields(self) -> list[forms.BoundField]:
        """Return the refused fields. Date inputs become text inputs, which show text that is no date."""
        invalid = [field for field in self if field.name in self.errors]
        for field in invalid:
            if field.field.widget.input_type == "date":
                field.field.widget.input_type = "text"
        return invalid

    def first_error(self) -> str | None:
        """Return the name of the first refused field."""
        return next(iter(self.errors), None)

    def folded_fields(self) -> list[forms.BoundField]:
        """Return the fields that the page folds away: all but the search and the sort."""
        return [self[declared.page] for declared in self._declared if not declared.beginning]

    def folded_in_use(self) -> int:
        """Count the folded fields that are filled in."""
        return sum(bool(field.value()) for field in self.folded_fields())

    @property
    def sort(self) -> Any:
        return self.sorts[self.cleaned_data[SORT] or self.first_sort]

    def filter(self, rows: Rows) -> Rows:
        """Return the rows that match every filter in use."""
        for declared in self._declared:
            entry = self.cleaned_data[declared.page]
            if entry is not None:
                rows = self._variant(declared).narrow(rows, declared.kind.from_entry(entry))
        return rows

    def codes(self) -> list[Known]:
        """Return the codes of what the filters in use keep, as far as they are known."""
        entries = [(declared, self.cleaned_data[declared.page]) for declared in self._declared]
        codes = [
            declared.codes(declared.kind.from_entry(entry))
            for declared, entry in entries
            if entry is not None
        ]
        return [known for known in codes if known]

    def sentences(self) -> Iterator[tuple[str, str]]:
        """Yield each filter in use: the name of its field, and what it keeps, in words."""
        entries = self.parameters()
        for declared in self._declared:
            if declared.page in entries:
                shown = declared.kind.show(entries[declared.page])
                yield declared.page, self._variant(declared).words.format(shown)

    def _variant(self, declared: AnyFilter) -> AnyFilter | Beginning:
        """Return the filter itself, or its variant for the beginning of a text unless `exact` is ticked."""
        return declared.beginning if declared.beginning and not self.cleaned_data[EXACT] else declared

    def parameters(self) -> dict[str, str]:
        """Return the entries that change the list, as the query parameters of its address."""
        entries = {name: self.data[name].strip() for name in self.fields if name in self.data}
        return self._without_idle_exact(
            {name: text for name, text in entries.items() if text and (name, text) != (SORT, self.first_sort)}
        )

    def query_string(self, without: str = "", **position: int) -> str:
        """Return the query of a page of this list, or of the list without one of its filters."""
        remaining = {name: text for name, text in self.parameters().items() if name != without}
        return f"?{urlencode(self._without_idle_exact(remaining) | position)}"

    def _without_idle_exact(self, entries: dict[str, str]) -> dict[str, str]:
        """Leave out the box `exact` if there is no entry that it could refer to."""
        searches = any(declared.beginning and declared.page in entries for declared in self._declared)
        return {name: text for name, text in entries.items() if name != EXACT or searches}
