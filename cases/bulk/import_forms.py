"""Forms of an alliance's imports."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from casemgr.platform.forms import RefusableForm
from cases.bulk.field_names import FIELD_NAMES
from cases.bulk.imports import MAX_BYTES
from cases.models import ImportMode, ImportSheet

SAMPLES: Final = 2


class SheetForm(RefusableForm):
    """A file with a list."""

    file = forms.FileField(
        label=_("The list"),
        help_text=_(
            "An XLSX workbook or a CSV file, as Excel and WPS save them: up to 50,000 rows and 48 "
            "MB. The first row names the columns, in Chinese or English."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt,.ndjson"}),
        allow_empty_file=True,
    )
    pointers = {"file": "file"}

    def clean_file(self) -> bytes:
        """Its bytes."""
        upload: UploadedFile[bytes] = self.cleaned_data["file"]
        if (upload.size or 0) > MAX_BYTES:
            raise forms.ValidationError(
                _("This file is larger than 48 MB. Please send the list in several.")
            )
        data: bytes = upload.read()
        return data


class ColumnsForm(forms.Form):
    """What each column of a sheet is; columns are named by their place, as headings may repeat."""

    def __init__(self, data: Any = None, *, sheet: ImportSheet, rows: Sequence[Any]) -> None:
        super().__init__(data)
        choices = [("", _("Leave this column out")), *FIELD_NAMES.items()]
        for place, heading in enumerate(sheet.columns):
            cells = [row[place] for row in rows if len(row) > place and row[place]]
            shown = " · ".join(cell[:40] for cell in cells[:SAMPLES])
            self.fields[f"column{place}"] = forms.ChoiceField(
                label=heading or _("Column %(number)s, which has no name") % {"number": place + 1},
                help_text=_("For example: %(cells)s") % {"cells": shown} if shown else "",
                choices=choices,
                required=False,
                initial=sheet.mapping[place],
            )

    def clean(self) -> dict[str, Any]:
        """Each field is behind one column at most, and some field is."""
        told = super().clean() or self.cleaned_data
        first: dict[str, Any] = {}
        for name, path in list(told.items()):
            if path and path in first:
                words = _("“%(field)s” is chosen for two columns. Leave one of them out.")
                self.add_error(name, words % {"field": FIELD_NAMES[path]})
            first.setdefault(path, name)
        if self.fields and not self.errors and not any(told.values()):
            raise forms.ValidationError(_("Say of at least one column what it is."))
        return told

    def mapping(self) -> list[str]:
        """The field of each column, in the sheet's order."""
        return [self.cleaned_data[name] for name in self.fields]


class SendInForm(forms.Form):
    """How the rows come in."""

    mode = forms.ChoiceField(
        label=_("If some rows can't be read"),
        choices=[
            (ImportMode.SKIP_BAD, _("bring in the others")),
            (ImportMode.ALL_OR_NOTHING, _("bring in none, so that the list can be mended first")),
        ],
        initial=ImportMode.SKIP_BAD,
        widget=forms.RadioSelect,
    )
    skip_alike = forms.BooleanField(
        label=_("Leave out rows that look like a case you have, or like an earlier row"),
        required=False,
        initial=True,
    )
