"""A family's report and what they change later: one service call for each screen."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from django.db import transaction

from casemgr.platform.access import Actor
from casemgr.platform.errors import NotFound
from casemgr.platform.vocabularies import CaseStatus
from cases import consents, lifecycle, publication, services
from cases.models import Case, Consent, ConsentPurpose, Objection
from cases.querysets import CaseQuerySet, lock
from families.models import Guardian
from families.services import guardian_of

# While a case stands at one of these, as its family is shown, its facts can be changed.
CHANGEABLE: Final = frozenset(
    {CaseStatus.DRAFT, CaseStatus.SUBMITTED, CaseStatus.VERIFIED, CaseStatus.OPEN}
)


def begin(*, actor: Actor) -> Case:
    """The actor's latest report that was not sent yet, or an empty one: a tap makes no second."""
    draft = drafts(actor).order_by("-created_at").first()
    return draft or services.file_case(actor=actor, case={}, child={})


def own_cases(actor: Actor) -> CaseQuerySet:
    """Cases of the families that the actor speaks for."""
    if actor.user is None:
        return Case.objects.none()
    families = Guardian.objects.filter(user=actor.user, ended_at__isnull=True).values("family")
    return Case.objects.visible_to(actor).filter(family__in=families)


def drafts(actor: Actor) -> CaseQuerySet:
    """The actor's reports that were not sent yet."""
    return own_cases(actor).filter(status=CaseStatus.DRAFT)


def own_case(actor: Actor, reference: str) -> tuple[Case, Guardian]:
    """A case that the actor speaks for, and as whom. Raises NotFound."""
    case = own_cases(actor).with_card().select_related("family").filter(reference=reference).first()
    guardian = guardian_of(actor, case.family) if case else None
    if case is None or guardian is None:
        raise NotFound
    return case, guardian


def says_yes(case: Case, guardian: Guardian) -> bool | None:
    """What this guardian said to a public page; None where they were not asked yet."""
    own = {"case": case, "guardian": guardian, "purpose": ConsentPurpose.PUBLISH}
    if Consent.objects.filter(**own, revoked_at__isnull=True).exists():
        return True
    return False if Objection.objects.filter(**own, ended_at__isnull=True).exists() else None


@transaction.atomic
def agree(*, actor: Actor, case: Case, guardian: Guardian, yes: bool) -> None:
    """Write down the guardian's yes or no to a public page; a no takes it down at once."""
    lock(Case.objects.all(), case.pk)
    if yes:
        consents.give_consent(actor=actor, case=case, purpose=ConsentPurpose.PUBLISH)
        return
    given = Consent.objects.filter(
        case=case, guardian=guardian, purpose=ConsentPurpose.PUBLISH, revoked_at__isnull=True
    ).first()
    if given is not None:
        publication.revoke_consent(actor=actor, consent=given)
    elif says_yes(case, guardian) is None:
        consents.take_back(guardian, case, ConsentPurpose.PUBLISH)


@transaction.atomic
def add_photos(*, actor: Actor, case: Case, photos: Sequence[bytes]) -> None:
    """Add photos, all or none, and none a second time: a second tap sends the same files."""
    lock(Case.objects.all(), case.pk)
    known = set(case.photos.values_list("original_sha256", flat=True))
    sent = {hashlib.sha256(data).hexdigest(): data for data in photos}
    for digest, data in sent.items():
        if digest not in known:
            services.add_photo(actor=actor, case=case, data=data)


@transaction.atomic
def tick_photos(*, actor: Actor, case: Case, shown: Collection[UUID]) -> None:
    """Of the case's photos, exactly `shown` may be on the public page."""
    for photo in case.photos.all():
        if photo.consent_public != (photo.pk in shown):
            publication.tick_photo(actor=actor, photo=photo, public=photo.pk in shown)


def send(*, actor: Actor, case: Case) -> Case:
    """Hand the report in. Raises Invalid, naming what is missing."""
    return lifecycle.transition(actor=actor, case=case, to=CaseStatus.SUBMITTED)
