"""What coordinators call the fields of a sheet; the paths are those of `columns`."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.bulk.columns import OWN_NUMBER, PHOTOS

FIELD_NAMES: Final[Mapping[str, Any]] = {
    OWN_NUMBER.path: _("Number in your list"),
    "child.full_name": _("Full name"),
    "child.family_name": _("Family name"),
    "child.given_name": _("Given name"),
    "child.nicknames": _("Names at home"),
    "child.name_pinyin": _("Name in pinyin"),
    "child.sex": _("Girl or boy"),
    "child.birth_date": _("Born"),
    "missing_at": _("Missing since"),
    "missing_from.text": _("Where last seen"),
    "missing_from.division_code": _("Division code of the place"),
    "missing_from.country": _("Country"),
    "missing_from.latitude": _("Latitude"),
    "missing_from.longitude": _("Longitude"),
    "missing_from.datum": _("Datum of the map"),
    "missing_from.precision_m": _("How exact the place is, in metres"),
    "place_type": _("Kind of place"),
    "circumstance": _("How it happened"),
    "child_situation": _("The child's situation"),
    "story": _("What happened"),
    "child.height_cm": _("Height in centimetres"),
    "child.height_as_of": _("When the height was taken"),
    "child.weight_kg": _("Weight in kilograms"),
    "child.blood_type": _("Blood type"),
    "child.parents_blood_types": _("Blood types of the parents"),
    "child.ethnicity": _("Ethnicity"),
    "child.languages": _("Languages and dialects"),
    "child.clothing": _("Clothing"),
    "child.description": _("What the child looks like"),
    "child.marks": _("Marks"),
    "police_reference": _("Police reference"),
    "dna_on_file": _("DNA on file"),
    "public_name": _("Name for the public page"),
    "external_ids": _("Numbers in other systems (system:number)"),
    PHOTOS: _("Names of photo files"),
}
