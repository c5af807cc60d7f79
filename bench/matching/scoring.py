"""The product's own judgement of every pair, in as many processes as there are cores."""

import multiprocessing
import os
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from searches.matching.score import judge
from searches.matching.types import CaseProfile, Context, SightingProfile

_cases: Sequence[CaseProfile] = ()
# Set before the processes are forked, so that none of them is sent the cases.


def weights(
    cases: Sequence[CaseProfile], sightings: Sequence[SightingProfile], context: Context
) -> NDArray[np.float64]:
    """Bits of every sighting (rows) against every case (columns)."""
    global _cases
    _cases = cases
    processes = max(1, len(os.sched_getaffinity(0)))
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        rows = pool.map(partial(_row, context=context), sightings, chunksize=4)
    return np.array(rows)


def _row(sighting: SightingProfile, context: Context) -> list[float]:
    return [judge(case, sighting, context).weight_bits for case in _cases]
