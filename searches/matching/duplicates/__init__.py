"""Cases held against cases: two accounts of one child, or two children who were lost together."""

from searches.matching.duplicates.judging import VERSION, Judged, Likely, hold_together
from searches.matching.duplicates.lines import seeker_of

__all__ = ["VERSION", "Judged", "Likely", "hold_together", "seeker_of"]
