"""Which calibration judging uses, and taking a new one into use."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from casemgr.platform import audit
from casemgr.platform.access import Actor
from searches.matching.weighing import WRITTEN, Weighing
from searches.models import Calibration


def current() -> Weighing:
    """What judging now uses: the last calibration, or what is written."""
    last = Calibration.objects.order_by("-version").first()
    return WRITTEN if last is None else _weighing(last)


def named(engine_version: str) -> Weighing:
    """The weighing that a match of this engine version was judged by."""
    version = engine_version.partition("+")[2]
    held = Calibration.objects.filter(version=version).first() if version.isdecimal() else None
    return WRITTEN if held is None else _weighing(held)


def next_version() -> str:
    """What the next calibration will be called."""
    last = Calibration.objects.order_by("-version").first()
    return str(1 if last is None else last.version + 1)


@transaction.atomic
def apply(*, actor: Actor, weighing: Weighing, figures: Mapping[str, Any]) -> Calibration:
    """Judge by this weighing; workers take it up when they next count words."""
    held = Calibration.objects.create(
        version=int(weighing.version),
        speaking_for=dict(weighing.speaking_for),
        speaking_against=dict(weighing.speaking_against),
        prior_bits=weighing.prior_bits,
        figures=dict(figures),
    )
    audit.record(actor, "calibrate", "calibration", [held.pk])
    return held


def _weighing(held: Calibration) -> Weighing:
    return Weighing(
        str(held.version), held.speaking_for, held.speaking_against, prior_bits=held.prior_bits
    )
