"""What is encrypted, what a stolen database shows, and what can still be asked of it."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.core.serializers import serialize
from django.db import connection, models
from django.db.migrations.writer import MigrationWriter
from django.test.utils import isolate_apps
from pytest_django import Settings

from casemgr.platform import crypto
from casemgr.platform.crypto import DecryptionError, EncryptedTextField
from casemgr.platform.idempotency import IdempotencyKey

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))
SECRET = "小名阿生, 138 0000 0000"


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.FIELD_KEYS = [OLD]


def kept(text: str) -> IdempotencyKey:
    return IdempotencyKey.objects.create(principal="a", route="b", key="c", reply=text)


def stored() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reply FROM platform_idempotencykey")
        return bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("text", ["", "a", SECRET, "\0 even this", "x" * 100_000])
def test_text_comes_back_as_it_was(text: str) -> None:
    token = crypto.encrypt(text)
    assert crypto.decrypt(token) == text
    assert crypto.encrypt(text) != token, "no two tokens are alike, so equal texts do not show"


def test_the_newest_key_encrypts_and_every_key_decrypts(settings: Settings) -> None:
    before = crypto.encrypt(SECRET)
    settings.FIELD_KEYS = [NEW, OLD]
    after = crypto.encrypt(SECRET)
    assert crypto.decrypt(before) == crypto.decrypt(after) == SECRET
    settings.FIELD_KEYS = [NEW]
    assert crypto.decrypt(after) == SECRET
    with pytest.raises(DecryptionError):
        crypto.decrypt(before)


@pytest.mark.parametrize(
    "token",
    [b"", b"plain text", b"\xff\0", Fernet(LOST).encrypt(b"x")],
    ids=["empty", "plain", "bytes", "lost_key"],
)
def test_what_no_key_opens_is_an_error_and_not_a_guess(token: bytes) -> None:
    with pytest.raises(DecryptionError):
        crypto.decrypt(token)


def test_a_blind_index_depends_on_value_purpose_and_key(settings: Settings) -> None:
    index = crypto.blind_index("a@example.org", "e-mail")
    assert index == crypto.blind_index("a@example.org", "e-mail")
    assert len(index) == 64
    others = {
        crypto.blind_index("b@example.org", "e-mail"),
        crypto.blind_index("a@example.org", "receipt"),
    }
    settings.FIELD_KEYS = [NEW]
    others.add(crypto.blind_index("a@example.org", "e-mail"))
    assert len(others - {index}) == 3


def test_an_index_made_under_the_old_key_is_still_found_while_keys_change(
    settings: Settings,
) -> None:
    index = crypto.blind_index("a@example.org", "e-mail")
    settings.FIELD_KEYS = [NEW, OLD]
    assert crypto.blind_index("a@example.org", "e-mail") != index
    newest, older = crypto.blind_indexes("a@example.org", "e-mail")
    assert (newest, older) == (crypto.blind_index("a@example.org", "e-mail"), index)


@pytest.mark.django_db
def test_the_database_holds_no_readable_text() -> None:
    row = kept(SECRET)
    row.refresh_from_db()
    assert row.reply == SECRET
    assert IdempotencyKey.objects.values_list("reply", flat=True).get() == SECRET
    assert SECRET.encode() not in stored()
    assert crypto.decrypt(stored()) == SECRET


@pytest.mark.django_db
def test_every_way_of_writing_encrypts() -> None:
    kept("first")
    IdempotencyKey.objects.update(reply=SECRET)
    assert crypto.decrypt(stored()) == SECRET
    row = IdempotencyKey.objects.get()
    row.reply = "second"
    row.save(update_fields=["reply"])
    assert crypto.decrypt(stored()) == "second"
    IdempotencyKey.objects.all().delete()
    IdempotencyKey.objects.bulk_create(
        [IdempotencyKey(principal="a", route="b", key="d", reply=SECRET)]
    )
    assert crypto.decrypt(stored()) == SECRET


@pytest.mark.parametrize(
    "lookup", ["exact", "iexact", "in", "contains", "startswith", "gt", "regex", "range"]
)
def test_it_cannot_be_searched(lookup: str) -> None:
    with pytest.raises(FieldError, match="reply is encrypted"):
        IdempotencyKey.objects.filter(**{f"reply__{lookup}": ["a", "b"]})


@pytest.mark.django_db
def test_it_can_be_asked_whether_there_is_anything() -> None:
    kept(SECRET)
    assert IdempotencyKey.objects.filter(reply__isnull=False).count() == 1
    assert IdempotencyKey.objects.filter(reply__isnull=True).count() == 0


@pytest.mark.django_db
def test_it_is_not_written_into_a_plain_dump() -> None:
    with pytest.raises(FieldError, match="plain dump"):
        serialize("json", [kept(SECRET)])


def test_a_migration_can_name_it() -> None:
    code, imports = MigrationWriter.serialize(EncryptedTextField(blank=True, default=""))
    assert code == "casemgr.platform.crypto.EncryptedTextField(blank=True, default='')"
    assert imports == {"import casemgr.platform.crypto"}


def test_its_column_is_bytes() -> None:
    assert EncryptedTextField().db_type(connection) == "bytea"


@pytest.mark.parametrize("options", [{"unique": True}, {"db_index": True}])
def test_an_index_on_ciphertext_is_a_system_check_error(options: dict[str, Any]) -> None:
    with isolate_apps():

        class Indexed(models.Model):
            text = EncryptedTextField(**options)

            class Meta:
                app_label = "never_installed"

    assert "homeward.E001" in [found.id for found in Indexed._meta.get_field("text").check()]


def test_a_form_shows_it_as_text() -> None:
    assert EncryptedTextField(blank=True).formfield().clean(" 阿生 ") == "阿生"


SEALED_AS = "originals/ab/1"


def test_a_sealed_file_opens_under_its_own_name_only() -> None:
    sealed = crypto.seal_bytes(b"pixels" * 1000, name=SEALED_AS)
    assert b"pixels" not in sealed
    assert crypto.unseal_bytes(sealed, name=SEALED_AS) == b"pixels" * 1000
    with pytest.raises(DecryptionError):
        crypto.unseal_bytes(sealed, name="originals/ab/2")


def test_a_sealed_file_outlives_a_new_key_but_not_the_loss_of_its_own(
    settings: Settings,
) -> None:
    sealed = crypto.seal_bytes(b"pixels", name=SEALED_AS)
    settings.FIELD_KEYS = [NEW, OLD]
    assert crypto.unseal_bytes(sealed, name=SEALED_AS) == b"pixels"
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(DecryptionError):
        crypto.unseal_bytes(sealed, name=SEALED_AS)


def test_any_changed_or_missing_byte_of_a_sealed_file_is_noticed() -> None:
    sealed = crypto.seal_bytes(b"pixels", name=SEALED_AS)
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(DecryptionError):
            crypto.unseal_bytes(bytes(changed), name=SEALED_AS)
        with pytest.raises(DecryptionError):
            crypto.unseal_bytes(sealed[:at], name=SEALED_AS)
