"""Speech, for whole columns."""

from searches.matching.batch.columns import Columns
from searches.matching.batch.pack import speech_of
from searches.matching.compare import language
from searches.matching.maths import Array
from searches.matching.types import Context, SightingProfile


def weights(columns: Columns, sighting: SightingProfile, context: Context) -> Array | None:
    """Bits a case; None where the sighting is silent."""
    heard = language.spoken(sighting.languages)
    if not heard:
        return None
    return columns.speech.spread(lambda label: language.weigh(*speech_of(label), heard)[1])
