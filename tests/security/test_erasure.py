"""What somebody takes back is hidden at once, erased within a day, and found nowhere afterwards."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from casemgr.platform import access, erasure, outbox, storage
from casemgr.platform.access import Actor, Role
from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.erasure import Erasure, ErasureLine, Kind, LegalHold, State, Why, ledger
from casemgr.platform.erasure import holds as legal_holds
from casemgr.platform.erasure.verifying import verify_erased
from casemgr.platform.errors import Conflict, Forbidden
from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus, MatchStatus
from cases import harmful
from cases import services as case_services
from cases.models import Case, CaseFace, Child, HarmfulImage
from families.models import Contact, Family, Guardian
from families.services import set_contact
from searches import services
from searches.models import Match, ReporterContact, Sighting, SightingFace, SightingPhoto
from tests.cast import Cast, Person
from tests.factories import file_case, jpeg, log_sighting, store_match, stored_files, work_off
from tests.security import canaries

pytestmark = pytest.mark.django_db
SIGHTINGS = "/api/v1/sightings/"
RECEIPT = "/api/v1/receipts/me/"


@pytest.fixture(autouse=True)
def _at_once(settings: Settings) -> None:
    """Nobody waits half a day for a test."""
    settings.ERASURE_WAIT_HOURS = 0


@pytest.fixture
def officers(db: None) -> tuple[Person, Person]:
    """Two data-protection officers."""
    people = []
    for name in ("officer", "second-officer"):
        user = User.objects.create_user(email=f"{name}@example.org", display_name=name)
        RoleGrant.objects.create(user=user, role=StaffRole.DATA_PROTECTION)
        people.append(Person(user))
    return people[0], people[1]


def state_of(kind: Kind, subject: UUID) -> str:
    return Erasure.objects.get(kind=kind, subject=subject).state


def withdrawn(cast: Cast, number: int = 1) -> Sighting:
    """A sighting with a canary everywhere, taken back by its reporter."""
    sighting = planted_sighting(cast, number)
    receipt = Actor(receipt=sighting.pk)
    services.withdraw(actor=receipt, sighting=sighting)
    return sighting


def planted_sighting(cast: Cast, number: int = 1) -> Sighting:
    word = canaries.canary(number)
    sighting = log_sighting(cast, photos=[canaries.photo(number)]).sighting
    work_off("searches.develop_photo")
    ReporterContact.objects.create(sighting=sighting)
    store_match(file_case(cast, by=cast.other_guardian, status=CaseStatus.OPEN), sighting)
    canaries.plant_face(SightingFace, sighting.photos.get().pk, number)
    assert canaries.plant(sighting, word) > 20
    canaries.plant_traces(sighting.pk, word)
    return sighting


def planted_case(cast: Cast, number: int = 1, *, public: bool = False) -> Case:
    word = canaries.canary(number)
    case = file_case(cast, public=public, status=CaseStatus.OPEN)
    guardian = cast.guardian.actor
    photo = case_services.add_photo(actor=guardian, case=case, data=canaries.photo(number))
    work_off("cases.develop_photo")
    set_contact(actor=guardian, guardian=case.family.guardians.get(), name="x", phone="y")
    store_match(case, log_sighting(cast).sighting)
    canaries.plant_face(CaseFace, photo.pk, number)
    assert canaries.plant(case, word) + canaries.plant(case.family.guardians.get(), word) > 30
    canaries.plant_traces(case.pk, word)
    return case


def finished(kind: Kind, subject: UUID) -> Erasure:
    work_off("platform.erase")
    verify_erased()
    erased = Erasure.objects.get(kind=kind, subject=subject)
    assert (erased.state, erased.residue) == (State.VERIFIED, {})
    return erased


def test_taking_a_sighting_back_hides_it_at_once_from_everybody_else(
    cast: Cast, settings: Settings
) -> None:
    settings.ERASURE_WAIT_HOURS = 12
    sighting = log_sighting(cast)
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    match = store_match(case, sighting.sighting)
    api = cast.reviewer.api()
    assert api.get(f"{SIGHTINGS}{sighting.sighting.pk}/").status_code == 200

    mine = {"Authorization": f"Receipt {sighting.receipt}"}
    assert cast.anonymous.api().delete(RECEIPT, headers=mine).status_code == 204

    assert api.get(f"{SIGHTINGS}{sighting.sighting.pk}/").status_code == 404
    assert api.get(f"/api/v1/matches/{match.pk}/").status_code == 404
    shown = cast.anonymous.api().get(RECEIPT, headers=mine)
    assert (shown.status_code, shown.json()["status"]) == (200, "withdrawn")
    assert state_of(Kind.SIGHTING, sighting.sighting.pk) == State.HIDDEN


def test_a_sighting_that_was_taken_back_is_nowhere_afterwards(cast: Cast) -> None:
    sighting = withdrawn(cast)
    word = canaries.canary(1)
    photo = sighting.photos.get()
    assert canaries.find(word)

    erased = finished(Kind.SIGHTING, sighting.pk)

    assert canaries.find(word) == {}
    assert canaries.find(f"{canaries.embedding(1)!r}"[:9]) == {}
    assert not Sighting.objects.filter(pk=sighting.pk).exists()
    assert not any(name in stored_files() for name in (photo.original, photo.reviewer_file))
    assert not canaries.pseudonym_known(sighting.pk)
    assert erased.holdings == ""
    assert [line.subject for line in ErasureLine.objects.all()] == [sighting.pk]


def test_nothing_of_anybody_else_goes_with_it(cast: Cast) -> None:
    other = planted_sighting(cast, 2)
    files = set(stored_files())
    sighting = withdrawn(cast)
    finished(Kind.SIGHTING, sighting.pk)

    assert canaries.find(canaries.canary(1)) == {}
    assert set(stored_files()) - {f"erasures/{ErasureLine.objects.get().pk}.json"} == files
    assert other.matches.count() == other.photos.count() == 1
    assert len(canaries.find(canaries.canary(2))) >= 10


def test_a_phone_that_sends_an_erased_sighting_once_more_brings_nothing_back(cast: Cast) -> None:
    api = cast.anonymous.api()
    key = {"Idempotency-Key": str(uuid4())}
    told = {"kind": "street", "description": "A girl with flowers."}
    first = api.post(SIGHTINGS, told, headers=key).json()
    api.delete(RECEIPT, headers={"Authorization": f"Receipt {first['receipt']}"})
    finished(Kind.SIGHTING, UUID(first["id"]))

    again = api.post(SIGHTINGS, told, headers=key)

    assert (again.status_code, again.json()["code"]) == (410, "erased")
    assert Sighting.objects.count() == 0


def test_it_waits_for_as_long_as_a_hold_may_still_be_placed(cast: Cast, settings: Settings) -> None:
    settings.ERASURE_WAIT_HOURS = 12
    sighting = withdrawn(cast)
    assert erasure.advance_due() == work_off("platform.erase") == 0
    asked = Erasure.objects.get()
    assert asked.due_at is not None
    assert timedelta(hours=11) < asked.due_at - timezone.now() < timedelta(hours=24)

    Erasure.objects.update(due_at=timezone.now())
    assert erasure.advance_due() == 1
    finished(Kind.SIGHTING, sighting.pk)


@pytest.mark.parametrize("died_after", [0, 1, 2])
def test_an_eraser_that_dies_after_any_step_is_taken_up_again(cast: Cast, died_after: int) -> None:
    sighting = withdrawn(cast)
    asked = Erasure.objects.get()
    for _ in range(died_after):
        assert erasure.step(asked.pk)
    expected = [State.HIDDEN, State.ERASING, State.ERASED][died_after]
    assert state_of(Kind.SIGHTING, sighting.pk) == expected

    Job.objects.filter(handler="platform.erase").delete()
    assert erasure.advance_due() == (0 if died_after == 2 else 1)
    finished(Kind.SIGHTING, sighting.pk)
    assert canaries.find(canaries.canary(1)) == {}


def test_an_eraser_that_dies_between_two_files_removes_the_rest_later(cast: Cast) -> None:
    sighting = withdrawn(cast)
    asked = Erasure.objects.get()
    assert erasure.step(asked.pk)
    before = len(stored_files())
    victim = sorted(name for name in stored_files() if not name.startswith("erasures"))[0]
    storage.delete(victim)
    assert len(stored_files()) == before - 1

    finished(Kind.SIGHTING, sighting.pk)
    assert [name for name in stored_files() if not name.startswith("erasures/")] == []


def test_a_step_that_fails_within_leaves_everything_as_it_was(cast: Cast) -> None:
    sighting = withdrawn(cast)
    asked = Erasure.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION 'power cut'; END $$;"
            "CREATE TRIGGER stop BEFORE UPDATE ON platform_erasure FOR EACH ROW"
            " WHEN (NEW.state = 'erasing') EXECUTE FUNCTION stop()"
        )
    with pytest.raises(DatabaseError, match="power cut"):
        erasure.step(asked.pk)
    assert Sighting.objects.filter(pk=sighting.pk).exists()
    assert ErasureLine.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER stop ON platform_erasure; DROP FUNCTION stop()")

    finished(Kind.SIGHTING, sighting.pk)


def test_a_worker_that_was_developing_the_photo_brings_nothing_back(cast: Cast) -> None:
    sighting = log_sighting(cast, photos=[jpeg(7)]).sighting
    job = Job.objects.get(handler="searches.develop_photo")
    assert outbox.claim(job.pk) is not None
    services.withdraw(actor=Actor(receipt=sighting.pk), sighting=sighting)
    finished(Kind.SIGHTING, sighting.pk)

    outbox.run(job.pk)

    assert not Job.objects.filter(pk=job.pk).exists()
    assert SightingPhoto.objects.count() == SightingFace.objects.count() == 0
    assert [name for name in stored_files() if not name.startswith("erasures/")] == []


def test_rows_that_come_back_by_a_write_under_way_are_erased_again(cast: Cast) -> None:
    sighting = log_sighting(cast).sighting
    services.withdraw(actor=Actor(receipt=sighting.pk), sighting=sighting)
    work_off("platform.erase")
    sighting.save(force_insert=True)

    assert verify_erased() == {"verified": 0, "again": 1, "residue": 0}
    assert erasure.advance_due() == 1
    finished(Kind.SIGHTING, sighting.pk)
    assert not Sighting.objects.exists()


def test_what_the_search_still_finds_is_said_and_searched_for_again(cast: Cast) -> None:
    sighting = log_sighting(cast).sighting
    services.withdraw(actor=Actor(receipt=sighting.pk), sighting=sighting)
    work_off("platform.erase")
    with transaction.atomic():
        outbox.publish("something.odd", uuid4(), {"about": str(sighting.pk)})

    assert verify_erased()["residue"] == 1
    assert Erasure.objects.get().residue == {"platform_event": 1}
    with pytest.raises(SystemExit):
        call_command("erasures", "status")
    outbox.Event.objects.all().delete()
    assert verify_erased()["verified"] == 1
    call_command("erasures", "status")


def test_a_case_needs_two_people_and_its_card_comes_down_at_the_first_ones_word(
    cast: Cast, officers: tuple[Person, Person]
) -> None:
    case = planted_case(cast, public=True)
    asked = erasure.ask(actor=cast.guardian.actor, kind=Kind.CASE, obj=case)

    assert asked.state == State.REQUESTED
    case.refresh_from_db()
    assert (case.public, case.is_live) == (False, True)
    assert cast.anonymous.api().get(f"/api/v1/cases/{case.pk}/").status_code == 410
    assert erasure.advance_due() == 0
    for person in (cast.guardian, cast.reviewer, cast.volunteer, cast.coordinator):
        with pytest.raises(Forbidden):
            erasure.approve(actor=person.actor, erasure=asked)

    erasure.approve(actor=officers[0].actor, erasure=asked)
    with pytest.raises(Conflict):
        erasure.approve(actor=officers[1].actor, erasure=asked)
    case.refresh_from_db()
    assert not case.is_live
    work_off("searches.match_case")
    assert set(case.matches.values_list("status", flat=True)) <= {MatchStatus.SUPERSEDED}


def test_an_erased_case_leaves_a_shell_that_says_what_any_card_taken_down_says(
    cast: Cast, officers: tuple[Person, Person]
) -> None:
    case = planted_case(cast, public=True)
    sighting = Sighting.objects.get()
    asked = erasure.ask(actor=cast.guardian.actor, kind=Kind.CASE, obj=case)
    erasure.approve(actor=officers[0].actor, erasure=asked)
    finished(Kind.CASE, case.pk)

    assert canaries.find(canaries.canary(1)) == {}
    assert cast.anonymous.api().get(f"/api/v1/cases/{case.pk}/").status_code == 410
    assert cast.anonymous.browser().get(f"/cases/{case.reference}/").status_code == 410
    shell = Case.objects.get(pk=case.pk)
    assert (shell.story, shell.missing_at.text, shell.tokens, shell.alliance) == ("", "", [], None)
    assert Child.objects.count() == Guardian.objects.count() == Contact.objects.count() == 0
    assert Match.objects.count() == 0
    assert Sighting.objects.filter(pk=sighting.pk).exists()
    assert cast.guardian.api().get("/api/v1/cases/").json()["results"] == []
    assert [event.type for event in outbox.Event.objects.filter(subject=case.pk)] == ["case.erased"]


def test_a_case_that_was_never_shown_leaves_nothing(
    cast: Cast, officers: tuple[Person, Person]
) -> None:
    case = planted_case(cast)
    asked = erasure.ask(actor=officers[0].actor, kind=Kind.CASE, obj=case)
    with pytest.raises(Forbidden):
        erasure.approve(actor=officers[0].actor, erasure=asked)
    erasure.approve(actor=officers[1].actor, erasure=asked)
    finished(Kind.CASE, case.pk)

    assert canaries.find(canaries.canary(1)) == {}
    assert Case.objects.count() == Family.objects.count() == 0
    assert outbox.Event.objects.filter(subject=case.pk).count() == 0


def test_a_familys_other_case_keeps_its_people(cast: Cast, officers: tuple[Person, Person]) -> None:
    case = file_case(cast)
    other = case_services.file_case(
        actor=cast.guardian.actor, case={}, child={"full_name": "林小明"}, family=case.family
    )
    asked = erasure.ask(actor=cast.guardian.actor, kind=Kind.CASE, obj=case)
    erasure.approve(actor=officers[0].actor, erasure=asked)
    finished(Kind.CASE, case.pk)

    assert Case.objects.get().pk == other.pk
    assert Guardian.objects.get().user_id == cast.guardian.user_id


def test_a_refused_erasure_goes_no_further(cast: Cast, officers: tuple[Person, Person]) -> None:
    case = file_case(cast)
    asked = erasure.ask(actor=cast.guardian.actor, kind=Kind.CASE, obj=case)
    erasure.refuse(actor=officers[0].actor, erasure=asked, reason="The other parent objects.")
    assert erasure.advance_due() == work_off("platform.erase") == 0
    assert Case.objects.filter(pk=case.pk, child__isnull=False).exists()


@pytest.mark.parametrize("asker", ["anonymous", "volunteer", "other_guardian", "reviewer"])
def test_nobody_asks_for_what_is_not_theirs(cast: Cast, asker: str) -> None:
    case = file_case(cast, in_hand_of=[cast.reviewer])
    sighting = log_sighting(cast).sighting
    actor = getattr(cast, asker).actor
    account = cast.guardian.user
    assert account is not None
    for kind, obj in ((Kind.CASE, case), (Kind.SIGHTING, sighting), (Kind.ACCOUNT, account)):
        with pytest.raises(Forbidden):
            erasure.ask(actor=actor, kind=kind, obj=obj)
    assert Erasure.objects.count() == 0


def planted_account(cast: Cast, number: int = 1) -> tuple[User, Case, Sighting]:
    word = canaries.canary(number)
    user = User.objects.create_user(email=f"{word}@example.org", phone=f"+86{number:011d}")
    person = Person(user)
    case = file_case(cast, by=person)
    set_contact(actor=person.actor, guardian=case.family.guardians.get(), name=word)
    canaries.plant(case.family.guardians.get(), word)
    User.objects.filter(pk=user.pk).update(display_name=word)
    sighting = log_sighting(cast, by=person).sighting
    ReporterContact.objects.create(sighting=sighting, phone=word)
    canaries.plant_traces(user.pk, word)
    canaries.plant_session(user, word)
    return user, case, sighting


def test_an_account_goes_by_its_owners_word_and_what_they_saw_stays(cast: Cast) -> None:
    user, case, sighting = planted_account(cast)
    browser = Person(user).browser()
    assert browser.get("/receipt/").status_code == 200

    erasure.ask(actor=access.actor_for(user), kind=Kind.ACCOUNT, obj=user)
    user.refresh_from_db()
    assert not user.is_active
    finished(Kind.ACCOUNT, user.pk)

    assert canaries.find(canaries.canary(1)) == {}
    sighting.refresh_from_db()
    assert (sighting.reporter, sighting.withdrawn_at) == (None, None)
    guardian = Guardian.objects.get(family=case.family_id)
    assert (guardian.user, guardian.relation) == (None, "")
    assert guardian.ended_at is not None
    user.refresh_from_db()
    assert (user.phone, user.display_name, user.is_active) == (None, "", False)
    assert not user.has_usable_password()


def test_whoever_holds_a_role_gives_it_up_first(cast: Cast) -> None:
    user = cast.reviewer.user
    assert user is not None
    with pytest.raises(Conflict):
        erasure.ask(actor=cast.reviewer.actor, kind=Kind.ACCOUNT, obj=user)
    user.refresh_from_db()
    assert user.is_active


def test_two_people_hold_what_may_not_be_erased_yet(
    cast: Cast, officers: tuple[Person, Person]
) -> None:
    sighting = log_sighting(cast).sighting
    case = file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer])
    store_match(case, sighting)
    until = timezone.now() + timedelta(days=7)
    hold = legal_holds.place(
        actor=cast.reviewer.actor,
        kind=Kind.SIGHTING,
        obj=sighting,
        reason="The police ask for it.",
        until=until,
    )
    services.withdraw(actor=Actor(receipt=sighting.pk), sighting=sighting)
    for person in (cast.reviewer, cast.second_reviewer, cast.guardian):
        with pytest.raises(Forbidden):
            legal_holds.confirm(actor=person.actor, hold=hold)
    legal_holds.confirm(actor=officers[0].actor, hold=hold)

    assert work_off("platform.erase") == 1
    assert state_of(Kind.SIGHTING, sighting.pk) == State.HIDDEN
    assert erasure.advance_due() == 0
    LegalHold.objects.update(expires_at=timezone.now())
    assert erasure.advance_due() == 1
    finished(Kind.SIGHTING, sighting.pk)


def test_a_hold_of_one_person_holds_nothing(cast: Cast, officers: tuple[Person, Person]) -> None:
    sighting = log_sighting(cast).sighting
    until = timezone.now() + timedelta(days=7)
    hold = legal_holds.place(
        actor=officers[0].actor, kind=Kind.SIGHTING, obj=sighting, reason="Police.", until=until
    )
    with pytest.raises(Forbidden):
        legal_holds.confirm(actor=officers[0].actor, hold=hold)
    services.withdraw(actor=Actor(receipt=sighting.pk), sighting=sighting)
    finished(Kind.SIGHTING, sighting.pk)


def test_a_harmful_image_waits_hidden_for_the_police_and_goes_then(cast: Cast) -> None:
    sighting = log_sighting(cast, photos=[jpeg(9)]).sighting
    work_off("searches.develop_photo")
    with transaction.atomic():
        harmful.seal(cast.reviewer.actor, sighting.photos.get(), kind="sighting", reason="x")
    services.withdraw(actor=Actor(receipt=sighting.pk), sighting=sighting)
    assert work_off("platform.erase") == 1
    assert state_of(Kind.SIGHTING, sighting.pk) == State.HIDDEN

    HarmfulImage.objects.update(handed_over_at=timezone.now())
    assert erasure.advance_due() == 1
    finished(Kind.SIGHTING, sighting.pk)
    assert HarmfulImage.objects.count() == 1


def restored(*rows: Any) -> None:
    """The rows, and a database that knows nothing of their erasure, as from a backup."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM platform_erasureline; DELETE FROM platform_erasure")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    for row in rows:
        row.save(force_insert=True)


def test_a_restored_backup_is_not_served_and_what_it_brought_back_is_erased_again(
    cast: Cast,
) -> None:
    sighting = withdrawn(cast)
    photo = sighting.photos.get()
    copy = Sighting.objects.get(pk=sighting.pk)
    finished(Kind.SIGHTING, sighting.pk)
    assert ledger.missing() == []
    restored(copy, photo)

    assert len(ledger.missing()) == 1
    with pytest.raises(SystemExit, match="1"):
        call_command("replay_erasures", "--check")
    call_command("replay_erasures")

    assert not Sighting.objects.exists()
    assert ledger.missing() == []
    assert Erasure.objects.get().why == Why.RESTORE
    assert canaries.find(canaries.canary(1)) == {}
    assert ledger.replay() == 0


def test_a_hold_from_the_backup_keeps_nothing_that_was_erased_before(cast: Cast) -> None:
    sighting = log_sighting(cast).sighting
    copy = Sighting.objects.get(pk=sighting.pk)
    services.withdraw(actor=Actor(receipt=sighting.pk), sighting=sighting)
    finished(Kind.SIGHTING, sighting.pk)
    restored(copy)
    LegalHold.objects.create(
        kind=Kind.SIGHTING,
        subject=sighting.pk,
        reason="x",
        placed_by=uuid4(),
        confirmed_by=uuid4(),
        expires_at=timezone.now() + timedelta(days=1),
    )

    assert ledger.replay() == 1
    assert not Sighting.objects.exists()


@pytest.mark.parametrize("change", ["UPDATE {} SET kind = 'case'", "DELETE FROM {}"])
def test_the_ledger_is_only_ever_added_to(cast: Cast, change: str) -> None:
    sighting = log_sighting(cast).sighting
    services.withdraw(actor=Actor(receipt=sighting.pk), sighting=sighting)
    work_off("platform.erase")
    with (
        pytest.raises(DatabaseError, match="only ever added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format("platform_erasureline"))


def test_the_console_needs_two_people_with_the_right_to_it(
    cast: Cast, officers: tuple[Person, Person]
) -> None:
    from django.core.management import CommandError

    case = file_case(cast)
    with pytest.raises(CommandError):
        call_command("erase", "case", str(case.pk), asked_by="volunteer@example.org")
    asked = {"asked_by": "officer@example.org"}
    with pytest.raises(CommandError):
        call_command("erase", "case", str(case.pk), **asked, agreed_by="officer@example.org")
    call_command("erase", "case", str(case.pk), **asked, agreed_by="second-officer@example.org")
    call_command("erasures", "run")
    call_command("erasures", "verify")
    assert state_of(Kind.CASE, case.pk) == State.VERIFIED
    assert Role.DATA_PROTECTION in officers[0].actor.roles


def test_every_column_that_names_a_file_is_found_by_walking_the_models(cast: Cast) -> None:
    """A name that some plain text column held would be neither swept nor erased."""
    planted_sighting(cast)
    planted_case(cast, 2)
    known = storage.known_names()
    text = "\n".join(text for where, text in canaries.everything() if where.startswith(("c", "s")))
    for name in stored_files():
        assert name in known
        assert text.count(name) == 1
