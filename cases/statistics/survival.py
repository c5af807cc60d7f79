"""How long recovery takes: the Kaplan-Meier estimate, with children still missing as censored."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Step:
    """From `time` on, `missing` (0 to 1) is the share estimated to be missing still.

    `at_risk` were missing just before, `found` were found at this time.
    """

    time: float
    at_risk: int
    found: int
    missing: float


def kaplan_meier(waited: Iterable[tuple[float, bool]]) -> list[Step]:
    """One step for each time at which somebody was found; pairs are (time, whether found).

    Whoever is censored at a time counts as at risk then. Kaplan and Meier, JASA 53 (1958).
    """
    pairs = list(waited)
    if not pairs:
        return []
    times = np.array([time for time, _found in pairs], dtype=float)
    found = np.array([was_found for _time, was_found in pairs], dtype=bool)
    if (times < 0).any():
        raise ValueError("nobody was found before they went missing")
    moments, events = np.unique(times[found], return_counts=True)
    at_risk = len(times) - np.searchsorted(np.sort(times), moments, side="left")
    missing = np.cumprod(1 - events / at_risk)
    return [
        Step(float(time), int(risk), int(events_then), float(share))
        for time, risk, events_then, share in zip(moments, at_risk, events, missing, strict=True)
    ]


def median(steps: Iterable[Step]) -> float | None:
    """When half are estimated to have been found; None where that never came."""
    return next((step.time for step in steps if step.missing <= 0.5), None)
