"""Serializers and fields that both apps share: strict about names, precise about what is wrong."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from casemgr.platform import dates, places
from casemgr.platform.dates import PartialDate
from casemgr.platform.dates.partial import FIRST_DAY, LAST_DAY
from casemgr.platform.fields import civil_zone
from casemgr.platform.places import Place
from casemgr.platform.rest.parsing import strict_json

UNKNOWN_FIELD: Final[Promise] = _("There is no field of this name here.")
READ_ONLY: Final[Promise] = _("This field can't be written.")


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses what it does not know, instead of dropping it.

    Refuses, by name, every key that is no field of it, and every field that is only read.
    """

    def to_internal_value(self, data: Any) -> Any:
        """Values by field; raises ValidationError."""
        if isinstance(data, Mapping):
            refused = {}
            for name in data:
                field = self.fields.get(name)
                if field is None:
                    refused[name] = [ErrorDetail(str(UNKNOWN_FIELD), code="unknown_field")]
                elif field.read_only:
                    refused[name] = [ErrorDetail(str(READ_ONLY), code="read_only")]
            if refused:
                raise ValidationError(refused)
        return super().to_internal_value(data)

    def require(self, attributes: Mapping[str, Any], *names: str) -> None:
        """Refuse an item of a list that lacks `names`, also where the whole is a partial change."""
        missing = [name for name in names if not attributes.get(name)]
        if missing:
            words = str(serializers.Field.default_error_messages["required"])
            raise ValidationError({name: [ErrorDetail(words, code="required")] for name in missing})


class CodeField(serializers.ChoiceField):
    """A code of a vocabulary; a wrong one is answered with the codes that there are."""

    default_error_messages = {"invalid_choice": _("Use one of: %(codes)s.")}

    def to_internal_value(self, data: Any) -> Any:
        """The code; '' only where the field may be blank."""
        if data == "" and self.allow_blank:
            return ""
        if not isinstance(data, str) or data not in self.choices:
            words = str(self.error_messages["invalid_choice"])
            listed = ", ".join(str(code) for code in self.choices)
            raise ValidationError(words % {"codes": listed}, code="invalid_choice")
        return data


def words_field(most: int, **options: Any) -> serializers.CharField:
    """Free text that may be left out or empty, of at most `most` characters."""
    return serializers.CharField(
        max_length=most, **{"required": False, "allow_blank": True, **options}
    )


# How long words may have waited to be sent; a phone keeps them for 7 days.
LONGEST_WAIT = timedelta(days=31)
# No place has a clock further from UTC, and the database takes no offset of sixteen hours.
WIDEST_OFFSET = timedelta(hours=14)


@extend_schema_serializer(component_name="PartialDate")
class PartialDateParts(StrictSerializer):
    """A date as people know it: the writer's own words, and the span that they leave open.

    Ends are ISO 8601 dates (civil days at the place), or date-times with an offset where the hour
    is known; null where that end is open. Left out both, they are worked out from `text`, and
    "yesterday" from when it was written, if that was before it was sent.
    """

    text = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="The writer's own words, kept."
    )
    earliest = serializers.CharField(max_length=40, required=False, allow_null=True)
    latest = serializers.CharField(max_length=40, required=False, allow_null=True)
    written_at = serializers.DateTimeField(
        required=False,
        write_only=True,
        help_text="When the words were written, if they waited to be sent. It is not kept.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The ends as dates or aware date-times, of one kind and in order."""
        ends = {name: _moment(attrs.get(name), name) for name in ("earliest", "latest")}
        kinds = {isinstance(end, datetime) for end in ends.values() if end is not None}
        if len(kinds) > 1:
            words = _("Give both ends as dates, or both as date-times.")
            raise ValidationError({"latest": ErrorDetail(str(words), code="mixed_kinds")})
        return {"text": attrs.get("text", ""), "written_at": attrs.get("written_at"), **ends}


def _moment(text: str | None, name: str) -> date | datetime | None:
    """One end of a span; raises ValidationError for what no calendar has."""
    if not text:
        return None
    code, words = "invalid", _("Use an ISO 8601 date, or a date-time with its offset from UTC.")
    try:
        moment = parse_date(text) if len(text) == len("2011-06-01") else parse_datetime(text)
    except ValueError:
        moment = None
    if isinstance(moment, datetime) and moment.tzinfo is None:
        code, moment = "offset_missing", None
    if isinstance(moment, datetime) and abs(moment.utcoffset() or timedelta()) > WIDEST_OFFSET:
        moment = None
    if moment is None:
        raise ValidationError({name: ErrorDetail(str(words), code=code)})
    day = moment.date() if isinstance(moment, datetime) else moment
    if not FIRST_DAY <= day <= LAST_DAY:
        years = {"first": FIRST_DAY.year, "last": LAST_DAY.year}
        span = _("Use a year from %(first)s to %(last)s.") % years
        raise ValidationError({name: ErrorDetail(span, code="out_of_range")})
    return moment


class PartialDateField(serializers.Field[Any, Any, Any, Any]):
    """A PartialDate: sent as an object or as plain text, answered as an object or null.

    In a form, where every field is text, the object is sent as JSON.
    """

    default_error_messages = {
        "invalid": _("Give an object with `text`, `earliest` and `latest`, or plain text."),
        "in_order": _("The earliest day must not be after the latest one."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **options})

    def to_internal_value(self, data: Any) -> PartialDate:
        """The span, worked out from the words where no end is given."""
        if isinstance(data, str):
            is_form_object = data.lstrip().startswith("{")
            data = strict_json(data.encode()) if is_form_object else {"text": data}
        if not isinstance(data, Mapping):
            self.fail("invalid")
        given = _shape(PartialDateParts).run_validation(data)
        now = timezone.now()
        written = given.pop("written_at") or now
        if not now - LONGEST_WAIT <= written <= now:
            written = now  # A clock that is this wrong says nothing.
        if given["earliest"] is None and given["latest"] is None:
            zone = civil_zone()
            return dates.parse(given["text"], today=written.astimezone(zone).date(), zone=zone)
        try:
            return PartialDate(**given)
        except ValueError:
            words = str(self.error_messages["in_order"])
            raise ValidationError({"latest": ErrorDetail(words, code="in_order")}) from None

    def to_representation(self, value: PartialDate) -> dict[str, Any] | None:
        """Words and ends; an end that is open is null."""
        if not value.text and not value:
            return None
        days = value.days()
        open_ends = (days is None or days[0] == FIRST_DAY, days is None or days[1] == LAST_DAY)
        return {
            "text": value.text,
            "earliest": None if open_ends[0] else _iso(value.earliest),
            "latest": None if open_ends[1] else _iso(value.latest),
        }


def _iso(moment: date | datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@cache
def _shape(parts: type[StrictSerializer]) -> StrictSerializer:
    """One to check all values with: making it costs more, and it keeps nothing of them."""
    return parts()


@extend_schema_serializer(component_name="Place")
class PlaceParts(StrictSerializer):
    """A place as the writer gave it: words, a division, coordinates. Any of them may be missing."""

    text = words_field(300, help_text="The writer's own words, kept.")
    division_code = serializers.RegexField(
        r"^\d{6}\Z",
        required=False,
        allow_null=True,
        help_text="GB/T 2260, six digits.",
        error_messages={"invalid": _("Use the six digits of a division (GB/T 2260).")},
    )
    country = serializers.RegexField(
        r"^([A-Z]{2})?\Z",
        required=False,
        allow_blank=True,
        help_text="ISO 3166-1 alpha-2; CN where it is not given.",
        error_messages={"invalid": _("Use the two capitals of a country (ISO 3166-1).")},
    )
    latitude = serializers.FloatField(
        min_value=-90, max_value=90, required=False, allow_null=True, help_text="Degrees."
    )
    longitude = serializers.FloatField(
        min_value=-180, max_value=180, required=False, allow_null=True, help_text="Degrees."
    )
    datum = CodeField(
        choices=["wgs84", "gcj02", "bd09"],
        required=False,
        help_text="What the coordinates are measured in; wgs84 where it is not given.",
    )
    precision_m = serializers.IntegerField(
        min_value=0,
        max_value=20_000_000,
        required=False,
        allow_null=True,
        help_text="How far off the coordinates may be, in metres.",
    )

    def validate_division_code(self, value: str | None) -> str | None:
        """Refuse six digits that no division has or had."""
        if value and places.division(value) is None:
            raise ValidationError(
                _("No division has this code (GB/T 2260)."), code="unknown_division"
            )
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Both coordinates or neither."""
        pair = (attrs.get("latitude"), attrs.get("longitude"))
        if (pair[0] is None) != (pair[1] is None):
            missing = "latitude" if pair[0] is None else "longitude"
            words = _("Latitude and longitude come together.")
            raise ValidationError({missing: ErrorDetail(str(words), code="required")})
        return attrs


class PlaceField(serializers.Field[Any, Any, Any, Any]):
    """A Place, or null where nothing is known of it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **options})

    def to_internal_value(self, data: Any) -> Place:
        """The place as given; nothing is looked up here."""
        parts = _shape(PlaceParts).run_validation(data)
        given = {name: part for name, part in parts.items() if part is not None}
        return Place(**given)

    def to_representation(self, value: Place) -> dict[str, Any] | None:
        """Every part by name."""
        if not value.text and not value.division_code and value.latitude is None:
            return None
        return {
            "text": value.text,
            "division_code": value.division_code,
            "country": value.country,
            "latitude": value.latitude,
            "longitude": value.longitude,
            "datum": value.datum,
            "precision_m": value.precision_m,
        }


class PartialDateSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """How the schema tells of a PartialDate: as an object, and in requests also as plain text."""

    target_class = PartialDateField

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> Any:
        """The parts by reference."""
        shape = auto_schema.resolve_serializer(PartialDateParts, direction).ref
        text = [{"type": "string", "maxLength": 200}] if direction == "request" else []
        return {"oneOf": [shape, *text, {"type": "null"}]}


class PlaceSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """How the schema tells of a Place."""

    target_class = PlaceField

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> Any:
        """The parts by reference."""
        shape = auto_schema.resolve_serializer(PlaceParts, direction).ref
        return {"oneOf": [shape, {"type": "null"}]}
