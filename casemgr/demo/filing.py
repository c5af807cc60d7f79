"""Writes an invented population into the demo's database, as its families and reviewers would.

Children with photos go through the services one act at a time. The two thousand others are written
in bulk and leave the same rows: people, cases, tokens, reviewers' assignments, audit, events, jobs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.db.models.functions import Now

from casemgr.demo.pictures import take
from casemgr.demo.population import InventedCase
from casemgr.platform import access, audit, dates, outbox
from casemgr.platform.access import Action, Actor, Group, Role
from casemgr.platform.accounts.models import StaffRole, User
from casemgr.platform.accounts.services import grant_role
from casemgr.platform.dates import PartialDate
from casemgr.platform.fields import civil_zone
from casemgr.platform.outbox import Job, JobState
from casemgr.platform.partners.services import appoint_admin, found_partner
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle, second_seat, services
from cases.models import Assignment, Case, CaseFace, Child, ChildMark, ConsentPurpose, TakeReason
from families.models import Alliance, Family, Guardian, Membership, MembershipRole
from families.services import found_alliance, set_contact
from searches import prepared

OPERATOR: Final = Actor(roles=frozenset({Role.ADMIN}))
"""Whoever runs the command at the console."""
PARTNER: Final = "Lighthouse"
ALLIANCE: Final = "同路寻亲互助会 Side by Side"
ADDRESSES: Final = {
    role: f"{role}@example.org"
    for role in (
        "guardian", "volunteer", "reviewer", "second-reviewer", "third-reviewer", "coordinator",
        "admin", "partner-admin",
    )
}  # fmt: skip
"""Who can be signed in with `manage.py demo-login ROLE`."""
BATCH: Final = 250

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Cast:
    """The people whom a demo's visitor can be, beside the families."""

    volunteer: User
    reviewers: tuple[User, User, User]
    coordinator: User
    alliance: Alliance

    def two_reviewers(self, number: int) -> tuple[User, User]:
        """The two who have the case of this number in hand."""
        first = number % 3
        return self.reviewers[first], self.reviewers[(first + 1) % 3]


def cast() -> Cast:
    """A volunteer, three reviewers, a coordinator who leads an alliance, an administrator, and
    somebody who looks after a partner's programs.
    """
    people = {
        role: User.objects.create_user(
            email=address, display_name=role.replace("-", " ").capitalize()
        )
        for role, address in ADDRESSES.items()
        if role != "guardian"
    }
    reviewers = (people["reviewer"], people["second-reviewer"], people["third-reviewer"])
    for reviewer in reviewers:
        grant_role(actor=OPERATOR, user=reviewer, role=StaffRole.REVIEWER)
    grant_role(actor=OPERATOR, user=people["admin"], role=StaffRole.ADMIN)
    admin = access.actor_for(people["admin"])
    partner = found_partner(actor=admin, name=PARTNER)
    appoint_admin(actor=admin, partner=partner, email=ADDRESSES["partner-admin"])
    coordinator = people["coordinator"]
    alliance = found_alliance(actor=access.actor_for(coordinator), name=ALLIANCE, owner=coordinator)
    return Cast(people["volunteer"], reviewers, coordinator, alliance)


def file_drawn(who: Cast, cases: Sequence[InventedCase], today: date, progress: Progress) -> None:
    """Children with photos, each act through its service; the first is the guardian's."""
    for done, invented in enumerate(cases, 1):
        address = _address(invented)
        user = User.objects.create_user(email=address, language=_interface(invented))
        filed = services.file_case(
            actor=access.actor_for(user),
            case=_case_columns(who, invented, today),
            child=_child_columns(invented, today),
            marks=_marks(invented),
        )
        actor = access.actor_for(user)
        guardian = filed.family.guardians.get()
        set_contact(actor=actor, guardian=guardian, name=invented.full_name, email=address)
        _join_alliance(who, [(invented, user)])
        for photo in invented.photos:
            services.add_photo(
                actor=actor, case=filed, data=take(photo),
                taken_at=_dated(photo.taken_at, today), consent_public=True,
            )  # fmt: skip
        lifecycle.transition(actor=actor, case=filed, to=CaseStatus.SUBMITTED)
        _take_on(who, invented, filed)
        progress(done)


def _take_on(who: Cast, invented: InventedCase, filed: Case) -> None:
    reviewers = [access.actor_for(user) for user in who.two_reviewers(invented.number)]
    for reviewer in reviewers:
        services.take_in_hand(actor=reviewer, reference=filed.reference, why=TakeReason.NEW)
    for step in (CaseStatus.VERIFIED, CaseStatus.OPEN):
        lifecycle.transition(actor=reviewers[0], case=filed, to=step)
        if invented.status == step:
            return


def publish(who: Cast, cases: Sequence[InventedCase], progress: Progress) -> None:
    """Put up the cards of `cases`, the last one on top: the guardian and two reviewers agree."""
    people = dict(User.objects.in_bulk(field_name="email"))
    for done, invented in enumerate(cases, 1):
        owner = people[_address(invented)]
        case = Case.objects.select_related("family").get(family__guardians__user=owner)
        for purpose in (ConsentPurpose.PUBLISH, ConsentPurpose.PUBLISH_PHOTO):
            services.give_consent(actor=access.actor_for(owner), case=case, purpose=purpose)
        first = who.two_reviewers(invented.number)[0]
        lifecycle.approve_publication(actor=access.actor_for(first), case=case)
        _agree_as_drawn(case)
        progress(done)


def _agree_as_drawn(case: Case) -> None:
    """Whoever was drawn as the second takes the case in hand and agrees."""
    seat = second_seat.standing("case", case.pk)
    assert seat is not None
    drawn = access.actor_for(seat.reviewer)
    services.take_in_hand(actor=drawn, reference=case.reference, why=TakeReason.DRAWN)
    lifecycle.approve_publication(actor=drawn, case=case)


def send_better_photos(cases: Sequence[InventedCase], today: date) -> int:
    """Families in none of whose photos a face was found send another, as the page asks them to.

    Returns how many did.
    """
    with_face = CaseFace.objects.values("photo__case")
    faceless = Case.objects.filter(photos__isnull=False).exclude(pk__in=with_face).distinct()
    told = list(faceless.select_related("family"))
    numbered = {_address(invented): invented for invented in cases}
    for case in told:
        user = User.objects.get(guardianships__family=case.family)
        photo = numbered[str(user.email)].photos[0]
        another = replace(photo, variation=photo.variation + case.photos.count())
        services.add_photo(
            actor=access.actor_for(user), case=case, data=take(another),
            taken_at=_dated(photo.taken_at, today), consent_public=True,
        )  # fmt: skip
    return len(told)


def file_plain(who: Cast, cases: Sequence[InventedCase], today: date, progress: Progress) -> None:
    """Children without photos, in bulk."""
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        with transaction.atomic():
            _file_batch(who, batch, today)
        prepared.catch_up()
        progress(start + len(batch))


def _file_batch(who: Cast, batch: Sequence[InventedCase], today: date) -> None:
    users = [User(email=_address(case), language=_interface(case)) for case in batch]
    for user in users:
        user.set_unusable_password()
    User.objects.bulk_create(users)
    families = Family.objects.bulk_create([Family() for _ in batch])
    Guardian.objects.bulk_create(
        Guardian(family=family, user=user) for family, user in zip(families, users, strict=True)
    )
    cases = Case.objects.bulk_create(
        Case(family=family, status=invented.status, **_case_columns(who, invented, today))
        for family, invented in zip(families, batch, strict=True)
    )
    children = Child.objects.bulk_create(
        Child(case=case, name_pinyin=services.name_pinyin(invented.full_name),
              **_child_columns(invented, today))
        for case, invented in zip(cases, batch, strict=True)
    )  # fmt: skip
    ChildMark.objects.bulk_create(
        ChildMark(child=child, **mark)
        for child, invented in zip(children, batch, strict=True)
        for mark in _marks(invented)
    )
    _join_alliance(who, list(zip(batch, users, strict=True)))
    _index([case.pk for case in cases])
    audit.record(OPERATOR, Action.CREATE, "case", [c.pk for c in cases], groups=[Group.CASE_DETAIL])
    _assign(who, cases, batch)
    _announce(cases)


def _announce(cases: Sequence[Case]) -> None:
    """Publish each case; holding it against sightings ends here, as none has come in yet.

    That job would also have prepared the case for matching, which is left to the caller.
    """
    for case in cases:
        outbox.publish("case.changed", case.pk)
        if case.status == CaseStatus.OPEN:
            outbox.publish("case.opened", case.pk)
    searches = Job.objects.filter(handler="searches.match_case", subject__in=[c.pk for c in cases])
    searches.update(state=JobState.DONE, finished_at=Now())


def _index(ids: list[Any]) -> None:
    rows = list(Case.objects.filter(pk__in=ids).with_card())
    for case in rows:
        services.index(case)
    Case.objects.bulk_update(rows, ["tokens", "card_tokens"], batch_size=BATCH)


def _assign(who: Cast, cases: Sequence[Case], batch: Sequence[InventedCase]) -> None:
    """Whoever verified and opened a case has it in hand."""
    taken = [
        (case, reviewer)
        for case, invented in zip(cases, batch, strict=True)
        if case.status != CaseStatus.SUBMITTED
        for reviewer in who.two_reviewers(invented.number)
    ]
    Assignment.objects.bulk_create(Assignment(case=case, reviewer=user) for case, user in taken)
    for reviewer in who.reviewers:
        held = [case.pk for case, user in taken if user is reviewer]
        actor = access.actor_for(reviewer)
        audit.record(
            actor, "take_in_hand", "case", held, groups=[Group.CASE_DETAIL], reason=TakeReason.NEW
        )


def _join_alliance(who: Cast, families: Sequence[tuple[InventedCase, User]]) -> None:
    Membership.objects.bulk_create(
        Membership(alliance=who.alliance, user=user, role=MembershipRole.MEMBER)
        for invented, user in families
        if invented.in_alliance
    )


def _case_columns(who: Cast, invented: InventedCase, today: date) -> dict[str, Any]:
    return {
        "alliance": who.alliance if invented.in_alliance else None,
        "missing_at": _dated(invented.missing_at, today),
        "missing_from": Place(text=invented.place, division_code=invented.place_code or None),
        "place_type": invented.place_type,
        "circumstance": invented.circumstance,
        "child_situation": invented.child_situation,
        "story": invented.story,
    }


def _child_columns(invented: InventedCase, today: date) -> dict[str, Any]:
    return {
        "sex": invented.person.sex,
        "full_name": invented.full_name,
        "family_name": invented.family_name,
        "given_name": invented.given_name,
        "nicknames": list(invented.nicknames),
        "birth_date": _dated(invented.birth, today),
        "height_cm": invented.height_cm,
        "blood_type": invented.blood_type,
        "ethnicity": invented.ethnicity,
        "languages": list(invented.languages),
        "clothing": invented.clothing,
        "description": invented.description,
    }


def _marks(invented: InventedCase) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "body_part": part, "side": side, "text": words, "public": public}
        for kind, part, side, words, public in invented.marks
    ]


def _dated(text: str, today: date) -> PartialDate:
    return dates.parse(text, today=today, zone=civil_zone())


def _address(invented: InventedCase) -> str:
    first = invented.number == 1
    return ADDRESSES["guardian"] if first else f"family-{invented.number:04}@example.org"


def _interface(invented: InventedCase) -> str:
    return "zh-hans" if invented.language == "zh" else "en"
