"""PartialDate and Place as model attributes: one value object over several plain columns.

`seen_at = PartialDateField()` adds `seen_at_text`, `seen_at_earliest`, `seen_at_latest` (aware
date-times, inclusive) and `seen_at_has_hours`, and a property `seen_at` that reads and writes all
four. `place = PlaceField()` adds `place_text`, `place_division`, `place_country`, `place_latitude`,
`place_longitude`, `place_datum` and `place_precision_m`. Filters and indexes name the columns.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Q

from casemgr.platform import site
from casemgr.platform.dates import PartialDate
from casemgr.platform.places import Place


def civil_zone() -> ZoneInfo:
    """The zone in which bare dates are meant."""
    return ZoneInfo(site.current().time_zone)


class _ValueField:
    """Adds plain columns to the model, and one property over them that `__init__` accepts."""

    def contribute_to_class(self, model: type[models.Model], name: str) -> None:
        for suffix, field in self.columns().items():
            model.add_to_class(f"{name}_{suffix}", field)
        setattr(model, name, property(self.getter(name), self.setter(name)))

    def columns(self) -> dict[str, "models.Field[Any, Any]"]:
        raise NotImplementedError

    def getter(self, name: str) -> Any:
        raise NotImplementedError

    def setter(self, name: str) -> Any:
        raise NotImplementedError


class PartialDateField(_ValueField):
    """A vague date with the writer's own words."""

    if TYPE_CHECKING:

        def __get__(self, instance: models.Model, owner: Any) -> PartialDate: ...

        def __set__(self, instance: models.Model, value: PartialDate | None) -> None: ...

    def columns(self) -> dict[str, "models.Field[Any, Any]"]:
        return {
            "text": models.CharField(max_length=200, blank=True, default=""),
            "earliest": models.DateTimeField(null=True, blank=True),
            "latest": models.DateTimeField(null=True, blank=True),
            "has_hours": models.BooleanField(default=False),
        }

    def getter(self, name: str) -> Any:
        def read(instance: models.Model) -> PartialDate:
            earliest = getattr(instance, f"{name}_earliest")
            latest = getattr(instance, f"{name}_latest")
            if earliest is not None and latest is not None:
                zone = civil_zone()
                earliest, latest = earliest.astimezone(zone), latest.astimezone(zone)
                if not getattr(instance, f"{name}_has_hours"):
                    earliest, latest = earliest.date(), latest.date()
            return PartialDate(getattr(instance, f"{name}_text"), earliest, latest)

        return read

    def setter(self, name: str) -> Any:
        def write(instance: models.Model, value: PartialDate | None) -> None:
            # A date whose words nobody can place counts as false; its words are kept all the same.
            value = PartialDate("", None, None) if value is None else value
            bounds = value.bounds(civil_zone())
            setattr(instance, f"{name}_text", value.text)
            setattr(instance, f"{name}_earliest", bounds[0] if bounds else None)
            setattr(instance, f"{name}_latest", bounds[1] if bounds else None)
            setattr(instance, f"{name}_has_hours", isinstance(value.earliest, datetime))

        return write


class PlaceField(_ValueField):
    """A place as the writer gave it."""

    if TYPE_CHECKING:

        def __get__(self, instance: models.Model, owner: Any) -> Place: ...

        def __set__(self, instance: models.Model, value: Place | None) -> None: ...

    def columns(self) -> dict[str, "models.Field[Any, Any]"]:
        return {
            "text": models.CharField(max_length=300, blank=True, default=""),
            "division": models.CharField(max_length=6, blank=True, default=""),
            "country": models.CharField(max_length=2, blank=True, default=""),
            "latitude": models.FloatField(null=True, blank=True),
            "longitude": models.FloatField(null=True, blank=True),
            "datum": models.CharField(max_length=5, default="wgs84"),
            "precision_m": models.PositiveIntegerField(null=True, blank=True),
        }

    def getter(self, name: str) -> Any:
        def read(instance: models.Model) -> Place:
            return Place(
                text=getattr(instance, f"{name}_text"),
                division_code=getattr(instance, f"{name}_division") or None,
                country=getattr(instance, f"{name}_country"),
                latitude=getattr(instance, f"{name}_latitude"),
                longitude=getattr(instance, f"{name}_longitude"),
                datum=getattr(instance, f"{name}_datum"),
                precision_m=getattr(instance, f"{name}_precision_m"),
            )

        return read

    def setter(self, name: str) -> Any:
        def write(instance: models.Model, value: Place | None) -> None:
            value = value or Place()
            setattr(instance, f"{name}_text", value.text)
            setattr(instance, f"{name}_division", value.division_code or "")
            for part in ("country", "latitude", "longitude", "datum", "precision_m"):
                setattr(instance, f"{name}_{part}", getattr(value, part))

        return write


def partial_date_constraint(name: str, model: str) -> models.CheckConstraint:
    """Both bounds or neither, in order."""
    earliest, latest = f"{name}_earliest", f"{name}_latest"
    return models.CheckConstraint(
        condition=Q(**{f"{earliest}__isnull": True, f"{latest}__isnull": True})
        | Q(**{f"{earliest}__isnull": False, f"{latest}__gte": F(earliest)}),
        name=f"{model}_{name}_in_order",
    )


def place_constraint(name: str, model: str) -> models.CheckConstraint:
    """Both coordinates or neither, within the globe."""
    lat, lon = f"{name}_latitude", f"{name}_longitude"
    return models.CheckConstraint(
        condition=Q(**{f"{lat}__isnull": True, f"{lon}__isnull": True})
        | Q(**{f"{lat}__range": (-90, 90), f"{lon}__range": (-180, 180)}),
        name=f"{model}_{name}_on_earth",
    )
