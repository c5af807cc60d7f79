"""Which sightings and matches an actor may know of."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.functions import Now

from casemgr.platform.access import Action, Actor, Group, ways
from casemgr.platform.vocabularies import MatchStatus, SightingKind

if TYPE_CHECKING:
    from searches.models import CasePair, Match, Sighting  # noqa: F401 - named in strings


PAIR_SIDES = ("left", "right")
FLEETING = (SightingKind.STREET, SightingKind.ONLINE)


class SightingQuerySet(models.QuerySet["Sighting"]):
    """Reads that depend on who asks start with `visible_to`."""

    def visible_to(self, actor: Actor) -> "SightingQuerySet":
        """Own sightings, the receipt's, and for reviewers those that match a case in hand; for a
        program those that its organisation sent.

        One that was taken back is there for its reporter alone, until it is due to be erased.
        """
        either = Q(pk__in=[])
        for way in ways(actor, Action.READ, Group.SIGHTING):
            either |= Q(*(_holds(actor, relation) for relation in sorted(way)), pk__isnull=False)
        return self.filter(either)

    def of_reporter(self, user_id: UUID) -> "SightingQuerySet":
        """Those that an account told and may still open."""
        return self.filter(~_past_its_period(), reporter=user_id)

    def within_reach(self, actor: Actor) -> "SightingQuerySet":
        """As `visible_to`; for a program also without the scope to read: it may write without."""
        if actor.partner_id is not None:
            return self.filter(partner=actor.partner_id)
        return self.visible_to(actor)

    def standing(self) -> "SightingQuerySet":
        """Sightings that have not been withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def originals(self) -> "SightingQuerySet":
        """Without those that say the same as an earlier one."""
        return self.filter(repeats__isnull=True)

    def with_detail(self) -> "SightingQuerySet":
        """With everything that its page or JSON shows, in a fixed number of queries."""
        return self.prefetch_related("marks", "photos__face", "external_ids")


def _past_its_period() -> Q:
    """Sightings that are no longer open to their reporter, whether they are erased yet or not.

    A lead, and whatever the law holds, stays longer than the others. Whoever could still open one
    would know by that what became of it.
    """
    waited = timedelta(hours=settings.ERASURE_WAIT_HOURS)
    return Q(kind__in=FLEETING, created_at__lt=Now() - settings.PERIODS.sighting) | Q(
        withdrawn_at__isnull=False, withdrawn_at__lt=Now() - waited
    )


class MatchQuerySet(models.QuerySet["Match"]):
    """Only reviewers ever see matches, and only of cases they have in hand."""

    def visible_to(self, actor: Actor) -> "MatchQuerySet":
        """Matches of the cases that the reviewer has in hand; nobody else sees any.

        One that they are judging blind is not there until they have.
        """
        from searches.models import SecondLook

        either = Q(pk__in=[])
        for way in ways(actor, Action.READ, Group.MATCHES):
            either |= Q(
                *(_in_hand(actor, case=OuterRef("case")) for _relation in way), pk__isnull=False
            )
        return self.filter(
            either,
            ~Exists(
                SecondLook.objects.filter(
                    match=OuterRef("pk"), reviewer=actor.user, decided_at__isnull=True
                )
            ),
            sighting__withdrawn_at__isnull=True,
        )

    def waiting(self) -> "MatchQuerySet":
        """Matches that no decision has ended yet."""
        return self.filter(
            status__in=[
                MatchStatus.PROPOSED,
                MatchStatus.IN_REVIEW,
                MatchStatus.NEEDS_INFORMATION,
            ]
        )

    def collapsed(self) -> "MatchQuerySet":
        """One of many: no match whose sighting repeats another that the case has a match with, and
        of those that wait with sightings alike only the heaviest.
        """
        from searches.models import Match

        beside = Match.objects.filter(case=OuterRef("case"))
        repeated = beside.exclude(status=MatchStatus.SUPERSEDED).filter(
            sighting=OuterRef("sighting__repeats")
        )
        heavier = (
            beside.waiting()
            .filter(sighting__repeats__isnull=True)
            .filter(sighting__likeness=OuterRef("sighting__likeness"))
            .exclude(sighting__likeness="")
            .filter(
                Q(weight_bits__gt=OuterRef("weight_bits"))
                | Q(weight_bits=OuterRef("weight_bits"), pk__gt=OuterRef("pk"))
            )
        )
        return self.exclude(Exists(repeated)).exclude(Exists(heavier))

    def alike(self, match: "Match") -> "MatchQuerySet":
        """The case's other matches that `collapsed` may leave out in favour of this one."""
        seen = match.sighting
        same = Q(sighting__repeats__in=[seen.pk, seen.repeats_id]) | Q(sighting=seen.repeats_id)
        if seen.likeness:
            same |= Q(sighting__likeness=seen.likeness)
        return self.filter(same, case=match.case_id).exclude(pk=match.pk)

    def with_pair(self) -> "MatchQuerySet":
        """With case, sighting, photos, evidence and reviews that stand, in a fixed number of
        queries.
        """
        from searches.models import Review

        standing = Review.objects.filter(ended_at__isnull=True)
        return self.select_related("case__child", "case__alliance", "sighting").prefetch_related(
            "case__child__marks",
            "case__photos__face",
            "sighting__marks",
            "sighting__photos__face",
            "evidence",
            Prefetch("reviews", standing.select_related("reviewer")),
        )


class CasePairQuerySet(models.QuerySet["CasePair"]):
    """Only reviewers ever see pairs of cases, and only who has both in hand."""

    def visible_to(self, actor: Actor) -> "CasePairQuerySet":
        """Pairs of which the reviewer has both cases in hand, as the table grants matches."""
        either = Q(pk__in=[])
        for way in ways(actor, Action.READ, Group.MATCHES):
            both = (
                _in_hand(actor, case=OuterRef(side)) for _relation in way for side in PAIR_SIDES
            )
            either |= Q(*both, pk__isnull=False)
        return self.filter(either)

    def of_case(self, case_id: UUID) -> "CasePairQuerySet":
        """Pairs that one case is in."""
        return self.filter(Q(left=case_id) | Q(right=case_id))

    def waiting(self) -> "CasePairQuerySet":
        """Pairs that nobody has decided on."""
        return self.filter(decision="")


def _holds(actor: Actor, relation: str) -> Q:
    """Sightings to which the actor has one relation; see `relations.to_sighting`."""
    if relation == "o":
        own = Q(pk=actor.receipt) if actor.receipt else Q(pk__in=[])
        if actor.user is not None:
            own |= Q(reporter=actor.user)
        return own & ~_past_its_period()
    if relation == "p":
        return Q(partner=actor.partner_id) if actor.partner_id is not None else Q(pk__in=[])
    if relation == "s":
        in_hand = _in_hand(actor, case__matches__sighting=OuterRef("pk")) | _followed(actor)
        return in_hand & Q(withdrawn_at__isnull=True)
    return Q(pk__in=actor.reasons)


def _followed(actor: Actor) -> Q:
    """Sightings that the actor has in hand themselves."""
    from searches.models import SightingAssignment

    if actor.user is None:
        return Q(pk__in=[])
    held = SightingAssignment.objects.filter(
        sighting=OuterRef("pk"), reviewer=actor.user, released_at__isnull=True
    )
    return Q(Exists(held))


def _in_hand(actor: Actor, **case: OuterRef) -> Q:
    """Rows of which the actor has the (or a) case in hand."""
    from cases.models import Assignment

    if actor.user is None:
        return Q(pk__in=[])
    held = Assignment.objects.filter(reviewer=actor.user, released_at__isnull=True, **case)
    return Q(Exists(held))
