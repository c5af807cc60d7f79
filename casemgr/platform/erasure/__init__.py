"""Erasing: durable steps that any crash leaves resumable, and a ledger that a restore replays.

docs/retention.md tells what is erased when; the parts that know the tables are `erasure.py` of each
app.
"""

from casemgr.platform.erasure.machine import (
    LATE,
    advance_due,
    approve,
    ask,
    is_held,
    is_kept,
    refuse,
    request,
    run,
    step,
)
from casemgr.platform.erasure.models import Erasure, ErasureLine, Kind, LegalHold, State, Why
from casemgr.platform.erasure.parts import Holdings, Part, part
from casemgr.platform.erasure.reach import reach

__all__ = [
    "LATE",
    "Erasure",
    "ErasureLine",
    "Holdings",
    "Kind",
    "LegalHold",
    "Part",
    "State",
    "Why",
    "advance_due",
    "approve",
    "ask",
    "is_held",
    "is_kept",
    "part",
    "reach",
    "refuse",
    "request",
    "run",
    "step",
]
