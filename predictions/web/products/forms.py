"""Forms about products: a reason, a table to start from, and a draft's last step."""

from typing import Any

from django import forms

from ml.schemas.names import product_name_of
from predictions.models import Product
from predictions.services.products.products import name_faults
from predictions.web.forms import RefusableForm, RuledField
from predictions.web.models.forms import MAX_MEGABYTES, check_table_size, stripped_reason

_OFF = {"autocomplete": "off"}


class ReasonForm(RefusableForm):
    """Why something is changed."""

    reason = RuledField(stripped_reason, label="Reason", widget=forms.TextInput(attrs=_OFF))


class TableForm(RefusableForm):
    """The table of a new product, and how the product is called."""

    table = forms.FileField(
        label="Table of decided applications",
        max_length=255,
        validators=[check_table_size],
        help_text=f"CSV in UTF-8, one application a row, with its outcome; at most {MAX_MEGABYTES} MB.",
        error_messages={"required": "Choose a file."},
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
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


class VersionFileForm(RefusableForm):
    """A table or a TOML file to start the next version of a schema from; none: the newest version alone."""

    file = forms.FileField(
        required=False,
        label="Table or schema file",
        max_length=255,
        validators=[check_table_size],
        help_text="Optional. A CSV table proposes its further columns; a TOML file replaces the schema.",
        widget=forms.FileInput(attrs={"accept": ".csv,.toml,text/csv"}),
    )
