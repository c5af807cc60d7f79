"""Which cases an actor may know of."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Case as CaseWhen
from django.db.models import Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Now

from casemgr.platform.access import Actor, Role
from casemgr.platform.vocabularies import CaseStatus

if TYPE_CHECKING:
    from cases.models import Case, Consent  # noqa: F401 - named in strings


class CaseQuerySet(models.QuerySet["Case"]):
    """Reads that depend on who asks start with `visible_to` or `public`."""

    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """Cases whose detail the actor may read: own, own alliance's, shared with it by consent,
        or taken in hand; a program's, its organisation's or shared with that.
        """
        from cases.models import Assignment
        from families.models import Guardian

        if actor.partner_id is not None:
            reads = actor.has(Role.CASES_READ)
            return self.of_partner(actor.partner_id) if reads else self.none()
        if actor.user is None:
            return self.none()
        either = Q(
            Exists(
                Guardian.objects.filter(
                    family=OuterRef("family"), user=actor.user, ended_at__isnull=True
                )
            )
        )
        if actor.has(Role.COORDINATOR):
            led = led_by(actor)
            either |= Q(alliance__in=led) | Q(Exists(shared_with(led, OuterRef("pk"))))
        if actor.has(Role.REVIEWER):
            either |= Q(
                Exists(
                    Assignment.objects.filter(
                        case=OuterRef("pk"), reviewer=actor.user, released_at__isnull=True
                    )
                )
            )
        return self.filter(either)

    def of_partner(self, partner_id: UUID) -> "CaseQuerySet":
        """Cases that a partner filed, or that are shared with it by consent."""
        shared = shared_with_partner(partner_id, OuterRef("pk"))
        return self.filter(Q(partner=partner_id) | Q(Exists(shared)))

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
        from cases.models import UNTOLD_STATUSES, Assignment
        from families.models import Guardian

        in_hand = Exists(
            Assignment.objects.filter(
                case=OuterRef("pk"), reviewer=actor.user_id, released_at__isnull=True
            )
        ) & ~Exists(Guardian.objects.filter(family=OuterRef("family"), user=actor.user_id))
        told = ~Q(status__in=UNTOLD_STATUSES) | Q(family_told_at__isnull=False)
        if actor.has(Role.REVIEWER):
            told |= Q(in_hand)
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
        return self.select_related("child").prefetch_related("child__marks", "photos__face")

    def with_detail(self) -> "CaseQuerySet":
        """As `with_card`, and what only those who see the detail are shown."""
        return self.with_card().select_related("alliance").prefetch_related("external_ids")


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
