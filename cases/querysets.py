"""Which cases an actor may know of."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import models
from django.db.models import Case as CaseWhen
from django.db.models import Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Now

from casemgr.platform.access import Action, Actor, Group, Role, ways
from casemgr.platform.vocabularies import CaseStatus

if TYPE_CHECKING:
    from cases.models import Case, Consent  # noqa: F401 - named in strings

DETAIL_GROUPS: Final = (Group.CASE_DETAIL, Group.CASE_PLACE)


class CaseQuerySet(models.QuerySet["Case"]):
    """Reads that depend on who asks start with `visible_to` or `public`."""

    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """Cases whose detail, place included, the actor may read: as the table grants it."""
        found = self
        for way in {ways(actor, Action.READ, group) for group in DETAIL_GROUPS}:
            found = found.filter(_granted(actor, way))
        return found

    def of_partner(self, partner_id: UUID) -> "CaseQuerySet":
        """Cases that a partner filed, or that are shared with it by consent."""
        return self.filter(_of_partner(partner_id))

    def within_reach(self, actor: Actor) -> "CaseQuerySet":
        """As `visible_to`; for a program also without the scope to read: it may write without."""
        if actor.partner_id is not None:
            return self.of_partner(actor.partner_id)
        return self.visible_to(actor)

    def public(self) -> "CaseQuerySet":
        """Cases whose public card is up; one shown in an emergency only until its time is over."""
        return self.filter(
            Q(public_until__isnull=True) | Q(public_until__gt=Now()),
            status=CaseStatus.OPEN,
            public_since__isnull=False,
        )

    def as_shown_to(self, actor: Actor) -> "CaseQuerySet":
        """With `shown_status`, the status that the actor may know of (`Case.status_to_family`)."""
        from cases.models import UNTOLD_STATUSES
        from families.models import Guardian

        kin = Exists(Guardian.objects.filter(family=OuterRef("family"), user=actor.user_id))
        seen = ways(actor, Action.READ, Group.OUTCOME_STATUS)
        told = ~Q(status__in=UNTOLD_STATUSES)
        told |= Q(family_told_at__isnull=False) & _granted(actor, seen)
        if actor.has(Role.REVIEWER):
            told |= _holds(actor, "s") & ~Q(kin)
        return self.annotate(
            shown_status=CaseWhen(When(told, then=F("status")), default=Value(CaseStatus.OPEN))
        )

    def live(self) -> "CaseQuerySet":
        """Cases that sightings are held against."""
        from cases.models import LIVE_STATUSES

        return self.filter(status__in=LIVE_STATUSES)

    def heard(self) -> int:
        """Write down a word from the family: what reminders counted begins anew (cases/word.py)."""
        return self.update(heard_at=Now(), card_reminders=0, card_reminded_at=None)

    def with_card(self) -> "CaseQuerySet":
        """With everything that a card or a detail page shows, in a fixed number of queries."""
        return self.with_child().prefetch_related("photos__face")

    def with_child(self) -> "CaseQuerySet":
        """With the child and its marks, in two queries."""
        return self.select_related("child").prefetch_related("child__marks")

    def with_detail(self) -> "CaseQuerySet":
        """As `with_card`, and what only those who see the detail are shown."""
        return self.with_card().select_related("alliance").prefetch_related("external_ids")


def _granted(actor: Actor, any_of: Collection[frozenset[str]]) -> Q:
    """Cases to which the actor has all relations of at least one way; one without any is all."""
    either = Q(pk__in=[])
    for way in any_of:
        either |= Q(*(_holds(actor, relation) for relation in sorted(way)), pk__isnull=False)
    return either


def _holds(actor: Actor, relation: str) -> Q:
    """Cases to which the actor has one relation; `relations.to_case` says the same of one case."""
    from cases.models import Assignment
    from families.models import Guardian

    if actor.partner_id is not None:
        return _of_partner(actor.partner_id) if relation == "p" else Q(pk__in=[])
    if actor.user is None:
        return Q(pk__in=[])
    if relation == "o":
        speaks = Guardian.objects.filter(family=OuterRef("family"), ended_at__isnull=True)
        return Q(Exists(speaks.filter(user=actor.user)))
    if relation == "a":
        return Q(alliance__in=led_by(actor))
    if relation == "p":
        return Q(Exists(shared_with(led_by(actor), OuterRef("pk"))))
    if relation == "s":
        in_hand = Assignment.objects.filter(case=OuterRef("pk"), released_at__isnull=True)
        return Q(Exists(in_hand.filter(reviewer=actor.user)))
    return Q(pk__in=actor.reasons)


def _of_partner(partner_id: UUID) -> Q:
    shared = shared_with_partner(partner_id, OuterRef("pk"))
    return Q(partner=partner_id) | Q(Exists(shared))


def led_by(actor: Actor) -> Any:
    """Ids of the alliances that the actor leads, for a subquery."""
    from families.models import Membership, MembershipRole

    return Membership.objects.filter(
        user=actor.user_id,
        left_at__isnull=True,
        role__in=[MembershipRole.OWNER, MembershipRole.COORDINATOR],
    ).values("alliance")


def shared_with(alliances: Any, case: Any) -> "models.QuerySet[Consent]":
    """Standing consents to sharing `case` with one of `alliances`, against which nobody objects."""
    return _shares("alliance", case, alliance__in=alliances)


def shared_with_partner(partner_id: UUID, case: Any) -> "models.QuerySet[Consent]":
    """Standing consents to sharing `case` with a partner, against which nobody objects."""
    return _shares("partner", case, partner=partner_id)


def _shares(target: str, case: Any, **shared: Any) -> "models.QuerySet[Consent]":
    from cases.models import Consent, ConsentPurpose, Objection

    objecting = Objection.objects.filter(
        case=OuterRef("case"),
        purpose=ConsentPurpose.SHARE,
        guardian__ended_at__isnull=True,
        ended_at__isnull=True,
        **{target: OuterRef(target)},
    )
    return Consent.objects.filter(
        ~Exists(objecting),
        case=case,
        purpose=ConsentPurpose.SHARE,
        **shared,
        guardian__ended_at__isnull=True,
        revoked_at__isnull=True,
    )


def lock(queryset: "models.QuerySet[Any]", pk: Any) -> Any:
    """The row, locked until the transaction ends; where several are, the case comes first.

    Rows that point at it may be added meanwhile: a worker that ends a job on the case adds them,
    and whoever changes the case waits for that job.
    """
    return queryset.select_for_update(of=("self",), no_key=True).get(pk=pk)
