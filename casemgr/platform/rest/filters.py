"""Filters by an allow-list: a parameter that a view does not name is refused, not ignored."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters
from django_filters.fields import IsoDateTimeField
from rest_framework.request import Request

from casemgr.platform.rest.problems import refuse_parameter
from casemgr.platform.text import has_forbidden_characters


class _Truth(forms.Field):
    """true or false in words or figures; anything else is refused, not taken for 'either'."""

    widget = forms.TextInput
    _KNOWN: ClassVar = {"true": True, "1": True, "false": False, "0": False}

    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        try:
            return bool(self._KNOWN[str(value).lower()])
        except KeyError:
            raise ValidationError(_("Use true or false.")) from None


class TruthFilter(filters.BooleanFilter):
    """A filter by something that is or is not so."""

    field_class = _Truth

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=forms.TextInput, **kwargs)


class MomentField(IsoDateTimeField):
    """A date-time in UTC: the database takes no offset of sixteen hours or more."""

    def to_python(self, value: Any) -> datetime | None:
        """The moment; raises ValidationError where it lies beyond the calendar."""
        found: datetime | None = super().to_python(value)
        try:
            return found.astimezone(UTC) if found else None
        except OverflowError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class MomentFilter(filters.IsoDateTimeFilter):
    """A parameter that is an ISO 8601 date-time."""

    field_class = MomentField


class UpdatedSince(filters.FilterSet):
    """The filter that every list of changing things has."""

    updated_since = MomentFilter(
        field_name="updated_at",
        lookup_expr="gte",
        help_text="Only what changed at or after this ISO 8601 date-time.",
    )


class StrictFilterBackend(filters.DjangoFilterBackend):
    """Applies a view's `filterset_class`; values that can't be are a 400 that names them."""

    raise_exception: ClassVar[bool] = False

    def filter_queryset(
        self, request: Request, queryset: "QuerySet[Any]", view: Any
    ) -> "QuerySet[Any]":
        """The rows that all given filters let through."""
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        for name in filterset.filters:
            if request.query_params.get(name) == "":
                asked = _("Give this a value, or leave it out.")
                raise refuse_parameter(name, "required", asked)
        if not filterset.is_valid():
            for name, errors in filterset.errors.as_data().items():
                words = "; ".join(str(message) for error in errors for message in error.messages)
                raise refuse_parameter(name, "invalid", words)
        found: QuerySet[Any] = filterset.qs
        return found


def refuse_unknown_parameters(request: Request, view: Any) -> None:
    """Raise for the first query parameter that the action being asked for does not read."""
    known: set[str] = set(getattr(view, "parameters", ()))
    if getattr(view, "action", None) == "list":
        paginator = view.paginator
        known |= {paginator.cursor_query_param, paginator.page_size_query_param}
        if filterset := getattr(view, "filterset_class", None):
            known |= set(filterset.base_filters)
    for name, values in request.query_params.lists():
        if name not in known:
            raise refuse_parameter(
                name[:60], "unknown_parameter", _("There is no parameter of this name here.")
            )
        if any(has_forbidden_characters(value) for value in values):
            words = _("This text holds characters that can't be searched for.")
            raise refuse_parameter(name, "forbidden_characters", words)
