"""What families hold of an account that is erased: how to reach somebody who speaks for a child."""

from uuid import UUID

from django.db.models.functions import Now

from casemgr.platform.erasure import Holdings, Kind, Why, part
from casemgr.platform.erasure.reach import dependents
from families.models import Guardian


@part(Kind.ACCOUNT)
class GuardianPart:
    """The child is still missing, so the family and its case stay; the person goes."""

    model = Guardian

    def hide(self, subject: UUID, *, fully: bool) -> None:
        """Nothing here is shown by itself."""

    def is_needed(self, subject: UUID) -> bool:
        """Nothing here is."""
        return False

    def holdings(self, subject: UUID) -> Holdings:
        """Ids of what hangs on the person's guardianships; the guardianships stay, unnamed."""
        mine = list(Guardian.objects.filter(user=subject).values_list("pk", flat=True))
        ids: set[UUID] = set()
        for model, name in dependents(Guardian):
            rows = model._default_manager.filter(**{f"{name}__in": mine})
            ids.update(rows.values_list("pk", flat=True))
        return Holdings(ids=frozenset(ids))

    def erase(self, subject: UUID, *, why: Why) -> None:
        """End each guardianship, and take from it who it was."""
        mine = Guardian.objects.filter(user=subject)
        for model, name in dependents(Guardian):
            model._default_manager.filter(**{f"{name}__in": mine}).delete()
        mine.filter(ended_at__isnull=True).update(ended_at=Now())
        mine.update(user=None, relation="")
