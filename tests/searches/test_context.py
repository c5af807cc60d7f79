"""How rare words are, counted in the register."""

import pytest

from casemgr.platform.vocabularies import CaseStatus
from searches import context
from searches.matching.compare.words import RAREST
from tests import factories
from tests.cast import Cast


def test_a_word_has_the_share_of_live_cases_that_hold_it(cast: Cast) -> None:
    for story in ("a walnut tree", "a pond", "a pond", "a river"):
        factories.file_case(cast, status=CaseStatus.SUBMITTED, case={"story": story})
    factories.file_case(cast, case={"story": "a walnut tree"})
    shares = context._shares(4)
    assert (shares["pond"], shares["walnut"]) == (0.5, 0.25)
    assert "volcano" not in shares


def test_in_a_large_register_words_that_were_not_counted_are_the_rarest(cast: Cast) -> None:
    factories.file_case(cast, status=CaseStatus.SUBMITTED, case={"story": "a pond"})
    shares = context._shares(20_000)
    assert shares.get("pond", 0.02) == pytest.approx(1.0)
    assert shares.get("volcano", 0.02) == RAREST
