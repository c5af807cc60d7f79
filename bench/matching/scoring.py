"""The product's own weight of every pair, in as many processes as there are cores."""

import multiprocessing
import os
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from searches.matching.batch.building import columns_of
from searches.matching.batch.columns import Columns
from searches.matching.batch.pack import pack
from searches.matching.batch.score import weights as weights_of
from searches.matching.types import CaseProfile, Context, SightingProfile

_columns: Columns
# Set before the second pool is forked, so that no process is sent the columns.


def weights(
    cases: Sequence[CaseProfile], sightings: Sequence[SightingProfile], context: Context
) -> NDArray[np.float64]:
    """Bits of every sighting (rows) against every case (columns)."""
    global _columns
    processes = max(1, len(os.sched_getaffinity(0)))
    fork = multiprocessing.get_context("fork")
    with fork.Pool(processes) as pool:
        _columns = columns_of(pool.imap(pack, cases, chunksize=200))
    with fork.Pool(processes) as pool:
        rows = pool.map(partial(_row, context=context), sightings, chunksize=4)
    return np.array(rows)


def _row(sighting: SightingProfile, context: Context) -> NDArray[np.float64]:
    return weights_of(_columns, sighting, context)
