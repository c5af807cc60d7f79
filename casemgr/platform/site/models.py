"""The one row that `manage.py bootstrap` writes."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


def check_zone(name: str) -> None:
    """Raise ValidationError unless `name` is a time zone that this machine knows."""
    from zoneinfo import available_timezones

    if name not in available_timezones():
        raise ValidationError(_("There is no such time zone. An example: Asia/Shanghai."))


class SiteSettings(models.Model):
    """Name, zone, numbers and contact of this site; there is at most one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=60)
    time_zone = models.CharField(max_length=60, validators=[check_zone])
    emergency_number = models.CharField(max_length=20)
    hotline_number = models.CharField(max_length=30, blank=True)
    data_protection_contact = models.EmailField()
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="site_settings_once")]
