"""Ids of others open nothing, and nobody tells them from ids of nothing (T10).

`make replays` tries 100,000 in all states of a case; here a few hundred are tried in one.
"""

import os

import pytest
from django.http import HttpResponse
from django.urls import path

from casemgr.platform.access import Group
from tests.security.grid.world import STATES
from tests.security.mutants import Mutant, alive
from tests.security.replays import spots as replay_spots
from tests.security.replays.replaying import Found, Replayer, differing
from tests.security.replays.spots import Unplanted, spots
from tests.security.replays.things import plant

ASKED = int(os.environ.get("REPLAYS", "0"))
"""How many; 0 stands for the few hundred."""
MANY = -(-ASKED // len(STATES)) if ASKED else 1500


@pytest.mark.django_db
@pytest.mark.parametrize("state", STATES if ASKED else ["open"])
def test_an_id_of_others_is_answered_like_an_id_of_nothing(state: str) -> None:
    replayer, found = Replayer(*plant(state)), Found()

    for replay in replayer.some(spots(), MANY):
        replayer.replay(replay, found)

    print(f"\n{state}: {found}", flush=True)
    assert found.requests == MANY
    assert found.leaks + found.changed + found.echoed == []


@pytest.mark.django_db
def test_replays_would_see_what_is_given_away_and_whoever_may_is_let_in() -> None:
    """Every address tells somebody of its thing, and a reviewer of none is told of no match."""
    replayer, found = Replayer(*plant("open")), Found()
    opened: dict[str, bool] = {}
    for spot in spots():
        opened[spot.route] = opened.get(spot.route, False) or replayer.opens(spot)
    assert [route for route, told in opened.items() if not told] == []

    matches = [spot for spot in spots() if spot.route.startswith("/api/v1/matches/")]
    with alive(Mutant(Group.MATCHES, "RV", "R")):
        for replay in replayer.all(matches):
            if replay.who.name == "without":
                replayer.replay(replay, found)
    assert len(found.leaks) > 10
    assert found.differing_bytes > 1000


def test_an_address_with_an_id_that_nobody_planted_stops_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added = path("api/v1/letters/<uuid:letter_id>/", lambda _request: HttpResponse())
    monkeypatch.setattr(
        replay_spots, "routes", lambda: [("/" + str(added.pattern), added.callback)]
    )

    with pytest.raises(Unplanted, match="letter_id"):
        spots()


def test_the_comparison_sees_one_byte() -> None:
    assert differing(b"abc", b"abc") == 0
    assert differing(b"abc", b"abd") == 1
    assert differing(b"abc", b"abcd") == 1
