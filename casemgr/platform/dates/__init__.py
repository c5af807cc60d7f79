"""Vague dates kept whole: the words, and the span that they leave open. Imports no Django."""

from casemgr.platform.dates.parse import parse
from casemgr.platform.dates.partial import DEFAULT_ZONE, PartialDate

__all__ = ["DEFAULT_ZONE", "PartialDate", "parse"]
