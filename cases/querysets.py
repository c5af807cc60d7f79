"""Which cases an actor may know of."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from casemgr.platform.access import Actor, Role
from casemgr.platform.vocabularies import CaseStatus

if TYPE_CHECKING:
    from cases.models import Case  # noqa: F401 - named in a string


class CaseQuerySet(models.QuerySet["Case"]):
    """Reads that depend on who asks start with `visible_to` or `public`."""

    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """Cases whose detail the actor may read: own, own alliance's, or taken in hand."""
        from cases.models import Assignment
        from families.models import Guardian, Membership, MembershipRole

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
            either |= Q(
                Exists(
                    Membership.objects.filter(
                        alliance=OuterRef("alliance"),
                        user=actor.user,
                        left_at__isnull=True,
                        role__in=[MembershipRole.OWNER, MembershipRole.COORDINATOR],
                    )
                )
            )
        if actor.has(Role.REVIEWER):
            either |= Q(
                Exists(
                    Assignment.objects.filter(
                        case=OuterRef("pk"), reviewer=actor.user, released_at__isnull=True
                    )
                )
            )
        return self.filter(either)

    def public(self) -> "CaseQuerySet":
        """Cases whose public card is up."""
        return self.filter(status=CaseStatus.OPEN, public_since__isnull=False)

    def live(self) -> "CaseQuerySet":
        """Cases that sightings are held against."""
        from cases.models import LIVE_STATUSES

        return self.filter(status__in=LIVE_STATUSES)

    def with_card(self) -> "CaseQuerySet":
        """With everything that a card or a detail page shows, in a fixed number of queries."""
        return self.select_related("child").prefetch_related("child__marks", "photos__face")

    def with_detail(self) -> "CaseQuerySet":
        """As `with_card`, and what only those who see the detail are shown."""
        return self.with_card().select_related("alliance").prefetch_related("external_ids")


def lock(queryset: "models.QuerySet[Any]", pk: Any) -> Any:
    """The row, locked until the transaction ends; where several are, the case comes first."""
    return queryset.select_for_update(of=("self",)).get(pk=pk)
