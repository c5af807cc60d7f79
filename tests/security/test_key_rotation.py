"""Keys are exchanged while people work, and whatever stops the exchange, nothing is lost."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from pytest_django.fixtures import Settings

from casemgr.platform import audit, rotation, storage
from casemgr.platform.contacts import normal
from casemgr.platform.storage import FileDamaged
from cases.models import CasePhoto, WithheldFact
from cases.services import add_photo
from families.models import Contact
from families.services import contacts_with, set_contact
from searches import services as sightings
from searches.models import ReporterContact
from tests.cast import Cast
from tests.factories import SIGHTING_FACTS, file_case, jpeg, stored_files

pytestmark = pytest.mark.django_db
PHONE = "+86 138 0013 8000"


@pytest.fixture
def change_key(settings: Settings) -> Callable[[], str]:
    """Puts a new key in front of the ring; returns the one that was in front before."""

    def change() -> str:
        old: str = settings.FIELD_KEYS[0]
        settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
        return old

    return change


def run(*arguments: str) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("rotate_keys", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def furnish(cast: Cast) -> CasePhoto:
    """A family's contact, a reporter's, a withheld fact, an audit reason and a photo."""
    case = file_case(cast)
    actor = cast.guardian.actor
    guardian = case.family.guardians.get()
    set_contact(actor=actor, guardian=guardian, name="林大海", phone=PHONE, email="L@Example.org")
    WithheldFact.objects.create(case=case, text="The left shoe was red.")
    audit.record(actor, "unpublish", "case", [case.pk], reason="A reason.")
    sightings.log_sighting(
        actor=cast.anonymous.actor, values=SIGHTING_FACTS, contact={"phone": "13800138000"}
    )
    return add_photo(actor=actor, case=case, data=jpeg(5))


def readable(photo: CasePhoto) -> dict[str, Any]:
    """What was written, read back."""
    contact, reporter = Contact.objects.get(), ReporterContact.objects.get()
    photo.refresh_from_db()
    original = storage.unseal(photo.original, sha256=photo.original_sha256)
    return {
        "contact": (contact.name, contact.phone, contact.email),
        "reporter": reporter.phone,
        "fact": WithheldFact.objects.get().text,
        "reason": audit.AuditEntry.objects.get(action="unpublish").reason,
        "photo": original == jpeg(5),
        "files": len(stored_files()),
    }


def test_after_the_exchange_the_new_key_alone_opens_everything(
    cast: Cast, settings: Settings, change_key: Callable[[], str]
) -> None:
    photo = furnish(cast)
    before = readable(photo)
    change_key()
    assert readable(photo) == before
    assert run("--check")[0] == 1

    code, said = run()
    assert (code, "Older keys are not needed any more." in said) == (0, True)
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]

    assert readable(photo) == before
    assert run("--check")[0] == 0


def test_checking_says_what_is_under_old_keys_and_changes_nothing(
    cast: Cast, change_key: Callable[[], str]
) -> None:
    photo = furnish(cast)
    name = photo.original
    assert "Under older keys:      0" in run("--check")[1]
    change_key()

    for _ in range(2):
        code, said = run("--check")
        # contact 4 columns, reporter 3, fact, audit secret, photo: encrypted nothing is a token too
        assert (code, "Under older keys:      10" in said) == (1, True), said
    photo.refresh_from_db()
    assert photo.original == name


def test_an_exchange_that_was_cut_off_goes_on_where_it_stood(
    cast: Cast, change_key: Callable[[], str]
) -> None:
    photo = furnish(cast)
    before = readable(photo)
    change_key()

    class Cut(Exception):
        pass

    def cut(seen: int, total: int) -> None:
        if seen == total - 1:
            raise Cut

    with pytest.raises(Cut):
        rotation.rotate(cut)
    rest = rotation.check(lambda seen, total: None)
    assert 0 < rest.old < 10
    assert run()[0] == 0
    assert readable(photo) == before


def test_somebodys_change_during_the_exchange_is_kept(
    cast: Cast, change_key: Callable[[], str]
) -> None:
    """The row is read, then changed by its guardian, then exchanged: the change wins."""
    photo = furnish(cast)
    change_key()
    rows = rotation._rows(Contact, rotation.encrypted_columns_of(Contact))
    key, _name, phone, *_rest = next(iter(rows))
    contact = Contact.objects.get()
    set_contact(actor=cast.guardian.actor, guardian=contact.guardian, phone="13900139000")

    field = Contact._meta.get_field("phone")
    rotation._column(Contact, field, key, phone, change=True)

    assert Contact.objects.get().phone == "13900139000"
    photo.refresh_from_db()


def test_a_photo_that_was_erased_during_the_exchange_leaves_no_file(
    cast: Cast, change_key: Callable[[], str]
) -> None:
    photo = furnish(cast)
    change_key()
    name = photo.original
    CasePhoto.objects.filter(pk=photo.pk).update(original="")

    field = CasePhoto._meta.get_field("original")
    rotation._file(CasePhoto, field, photo.pk, name, change=True)

    assert stored_files() == [name]


def test_what_no_key_opens_is_counted_and_left_alone(cast: Cast, settings: Settings) -> None:
    photo = furnish(cast)
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]

    code, said = run()
    assert (code, "Opened by no key:      10" in said) == (1, True), said
    with pytest.raises(FileDamaged):
        storage.unseal_unchecked(photo.original)


def test_every_encrypted_column_is_found_by_walking_the_models(cast: Cast) -> None:
    found = {model._meta.label for model, _fields in rotation.encrypted_columns()}
    named = {"families.Contact", "searches.ReporterContact", "cases.WithheldFact"}
    named |= {"cases.ClaimPaper", "platform.IdempotencyKey", "platform.AuditSubject"}
    assert named <= found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'bytea'"
        )
        columns = set(cursor.fetchall())
    walked = {
        (model._meta.db_table, field.column)
        for model, fields in rotation.encrypted_columns()
        for field in fields
    }
    # A prepared case is as plain as the case that it is made from, and goes with it.
    derived = {("searches_preparedcase", "packed")}
    # What an export holds is sealed to its asker's key, whose other half is kept nowhere.
    askers = {("cases_exportjob", "public_key"), ("cases_exportpart", "content")}
    assert columns - walked - derived - askers == {("platform_auditentry", "reason_sealed")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("13800138000", PHONE),
        ("0086-138-0013-8000", PHONE),
        ("L@example.ORG ", "l@example.org"),
        ("010 6512 3456", "01065123456"),
    ],
)
def test_a_contact_is_found_however_it_was_written(one: str, other: str) -> None:
    assert normal(one) == normal(other) != ""


def test_contacts_are_found_by_an_index_that_follows_the_key(
    cast: Cast, settings: Settings, change_key: Callable[[], str]
) -> None:
    furnish(cast)

    def found() -> tuple[int, int, int]:
        return (
            contacts_with("138-0013-8000").count(),
            contacts_with("l@example.org").count(),
            sightings.reporters_with(PHONE).count(),
        )

    assert found() == (1, 1, 1)
    assert contacts_with("13900139000").count() == contacts_with("").count() == 0
    change_key()
    assert found() == (1, 1, 1)
    run()
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert found() == (1, 1, 1)


def test_an_index_tells_nothing_and_joins_nothing(cast: Cast) -> None:
    furnish(cast)
    contact, reporter = Contact.objects.get(), ReporterContact.objects.get()
    assert normal(contact.phone) == normal(reporter.phone)
    assert contact.phone_index != reporter.phone_index
    assert len(contact.phone_index) == len(reporter.phone_index) == 64


def test_a_person_is_found_for_a_wish_to_be_erased(cast: Cast) -> None:
    furnish(cast)
    out = io.StringIO()
    call_command("find_person", "138 0013 8000", stdout=out)
    words = out.getvalue().split()
    assert [word for word in words if word.islower() and word.isalpha()] == ["case", "sighting"]
    assert words[-1] == "2"
