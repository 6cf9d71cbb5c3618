"""Forms about products: a reason, a table to start from, and a draft's last step."""

from typing import Any

from django import forms

from ml.applications.number_texts import Convention
from ml.intake.understanding import Wishes
from ml.schemas.names import product_name_of
from predictions.models import Product
from predictions.services.products.products import name_faults
from predictions.web.forms import TABLE_FILES, RefusableForm, RuledField
from predictions.web.models.forms import MAX_MEGABYTES, check_table_size, stripped_reason

_OFF = {"autocomplete": "off"}


class ReasonForm(RefusableForm):
    """Why something is changed."""

    reason = RuledField(stripped_reason, label="Reason", widget=forms.TextInput(attrs=_OFF))


_DECIMAL_MARKS = {
    Convention.POINT: "Decimal point: 1,234.50",
    Convention.COMMA: "Decimal comma: 1.234,50",
}


class UnknownTableForm(RefusableForm):
    """What a person says about a table whose columns nobody knows yet."""

    sheet = forms.CharField(
        label="Sheet",
        required=False,
        max_length=100,
        help_text="Of a workbook. Leave empty for the first one that looks like a table.",
        widget=forms.TextInput(attrs=_OFF),
    )
    # Shown only after a file was refused whose numbers depend on it.
    decimal = forms.ChoiceField(
        required=False,
        label="Decimal mark of the file",
        choices=[("", "Choose …"), *((mark.value, words) for mark, words in _DECIMAL_MARKS.items())],
    )

    def shown(self, *, asks_decimal: bool) -> list[forms.BoundField]:
        """Return the fields to show; the decimal mark if it is asked for."""
        return [field for field in self if field.name != "decimal" or asks_decimal or field.data]

    @property
    def wishes(self) -> Wishes:
        """What a valid form says about its file."""
        decimal = self.cleaned_data["decimal"]
        return Wishes(self.cleaned_data["sheet"] or None, Convention(decimal) if decimal else None)


class TableForm(UnknownTableForm):
    """The table of a new product, and how the product is called."""

    field_order = ("table", "sheet", "decimal")

    table = forms.FileField(
        label="Table of decided applications",
        max_length=255,
        validators=[check_table_size],
        help_text="CSV or a workbook (.xlsx, .xls, .ods), one application a row, with its outcome; at most "
        f"{MAX_MEGABYTES} MB.",
        error_messages={"required": "Choose a file."},
        widget=forms.FileInput(attrs={"accept": TABLE_FILES}),
    )
    title = forms.CharField(
        label="Title",
        max_length=100,
        help_text="On pages and in letters, such as Car loan.",
        error_messages={"required": "Enter what the product is called."},
        widget=forms.TextInput(attrs=_OFF),
    )
    name = forms.CharField(
        label="Name in addresses",
        required=False,
        help_text="Such as car-loan. Leave empty to make it from the title. It never changes.",
        widget=forms.TextInput(attrs=_OFF),
    )
    currency = forms.CharField(
        label="Currency",
        required=False,
        max_length=20,
        help_text="How amounts are written, such as EUR.",
        widget=forms.TextInput(attrs=_OFF),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "title" in cleaned and not cleaned.get("name"):
            cleaned["name"] = product_name_of(cleaned["title"])
        if "title" in cleaned and (wrong := name_faults(cleaned["name"])):
            self.add_error("name", wrong["name"].detail)
        elif Product.objects.filter(name=cleaned.get("name")).exists():
            self.add_error("name", f"There is a product {cleaned['name']} already.")
        return cleaned


class VersionFileForm(UnknownTableForm):
    """A table or a TOML file to start the next version of a schema from; none: the newest version alone."""

    field_order = ("file", "sheet", "decimal")

    file = forms.FileField(
        required=False,
        label="Table or schema file",
        max_length=255,
        validators=[check_table_size],
        help_text="Optional. A table (CSV or a workbook) proposes its further columns; a TOML file replaces "
        "the schema.",
        widget=forms.FileInput(attrs={"accept": f".toml,{TABLE_FILES}"}),
    )
