"""What is told to a person: once, by a real mail server, not at night, nothing of a case."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone, translation
from pytest_django.fixtures import Settings

from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.notify import kinds
from casemgr.platform.notify.handlers import end_of_quiet
from casemgr.platform.notify.letters import write
from casemgr.platform.notify.models import Delivery, DeliveryState, Notice
from casemgr.platform.notify.services import tell
from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus
from cases.models import Assignment
from tests.cast import Cast
from tests.factories import file_case, log_sighting, store_match, work_off
from tests.pages import text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def by_day() -> None:
    """The night is tried here."""


NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)  # 12:00 in Shanghai
NIGHT = datetime(2026, 11, 24, 15, tzinfo=UTC)  # 23:00 in Shanghai


@pytest.fixture
def person() -> User:
    return User.objects.create_user(email="fay@example.org", display_name="Fay")


# --- a mail server --------------------------------------------------------------------------------


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks enough SMTP to take letters; `answer` is what it says to one that is complete."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.taken: list[str] = []
        self.answer = "250 taken"


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].upper()
            if word == "QUIT":
                self.say("221 bye")
                return
            if word == "DATA":
                self.say("354 go on")
                self.take()
            else:
                self.say("250 yes")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        answer = self.server.answer
        if answer == "":
            return  # cut off without a word, after the letter was read
        if answer.startswith("250"):
            self.server.taken.append("".join(lines))
        self.say(answer)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with MailServer() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.server_address[1]
        settings.EMAIL_USE_TLS = False
        yield running
        running.shutdown()


def test_a_notice_leaves_by_a_real_mail_server_once(person: User, server: MailServer) -> None:
    notice = tell(person=person, kind="account_exists")
    assert notice is not None
    work_off()
    Job.objects.filter(subject=notice.pk).update(state="waiting")
    work_off()

    [letter] = server.taken
    assert "To: fay@example.org" in letter
    assert Delivery.objects.get().state == DeliveryState.SENT


def test_a_letter_waits_for_a_mail_server_that_is_away(person: User, server: MailServer) -> None:
    server.answer = "451 later"
    tell(person=person, kind="account_exists")
    work_off()
    assert Job.objects.get().state == "waiting"
    assert server.taken == []

    server.answer = "250 taken"
    Job.objects.update(due_at=datetime.now(UTC))
    work_off()

    assert len(server.taken) == 1


def test_a_letter_of_which_nobody_knows_whether_it_left_is_not_sent_again(
    person: User, server: MailServer
) -> None:
    server.answer = ""
    tell(person=person, kind="account_exists")
    work_off()
    server.answer = "250 taken"
    Job.objects.update(state="waiting", due_at=datetime.now(UTC))
    work_off()

    assert (server.taken, Delivery.objects.get().state) == ([], DeliveryState.UNKNOWN)
    assert Notice.objects.of(person.pk).count() == 1


def test_a_refused_address_is_not_tried_for_ever(person: User, server: MailServer) -> None:
    server.answer = "550 no"
    tell(person=person, kind="account_exists")
    work_off()

    assert (Job.objects.get().state, Delivery.objects.get().state) == ("done", "refused")


# --- when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "ends"),
    [
        ("06:59", "2026-11-24 07:00"),
        ("07:00", None),
        ("21:59", None),
        ("22:00", "2026-11-25 07:00"),
    ],
)
def test_the_night_is_the_sites_own(hour: str, ends: str | None) -> None:
    zone = datetime.fromisoformat(f"2026-11-24 {hour}:00+08:00")

    end = end_of_quiet(zone)

    assert (end.strftime("%Y-%m-%d %H:%M") if end else None) == ends


def test_at_night_only_what_is_waited_for_leaves(person: User) -> None:
    with time_machine.travel(NIGHT):
        tell(person=person, kind="second_admin_wanted")
        tell(person=person, kind="account_exists")
        work_off()

    assert [letter.subject for letter in mail.outbox] == [
        "Homeward · 归途: You have an account already"
    ]
    assert Notice.objects.of(person.pk).count() == 2
    waiting = Job.objects.get(state="waiting")
    wait = datetime(2026, 11, 24, 23, tzinfo=UTC) - NIGHT
    assert abs(waiting.due_at - timezone.now() - wait) < timedelta(minutes=1)


def test_a_clock_that_is_days_behind_does_not_make_a_night_without_end(person: User) -> None:
    with time_machine.travel(NIGHT - timedelta(days=4)):
        tell(person=person, kind="second_admin_wanted")
        assert work_off() == 1

    assert Job.objects.get(state="waiting").due_at > timezone.now() + timedelta(hours=1)


def test_in_the_morning_the_rest_leaves(person: User) -> None:
    with time_machine.travel(NIGHT):
        tell(person=person, kind="second_admin_wanted")
        work_off()
    Job.objects.update(due_at=NOON)
    with time_machine.travel(NOON + timedelta(days=1)):
        work_off()

    assert len(mail.outbox) == 1


# --- what -----------------------------------------------------------------------------------------


def test_a_letter_is_in_its_readers_language(person: User) -> None:
    person.language = "zh-hans"
    person.save(update_fields=["language"])

    with translation.override("en"):
        tell(person=person, kind="account_exists")
        work_off()

    with translation.override("zh-hans"):
        assert str(kinds.get("account_exists").subject) in str(mail.outbox[0].subject)


def test_a_kind_takes_only_codes_from_its_lists(person: User) -> None:
    for codes in ({}, {"role": "Ouyang Chunsheng"}, {"role": "RV", "place": "Dongguan"}):
        with pytest.raises(ValueError, match="can't be told"):
            tell(person=person, kind="role_given", codes=codes)

    assert not Notice.objects.exists()


def test_no_letter_holds_a_place_a_childs_name_or_a_score(cast: Cast) -> None:
    """Every kind is told about a case full of canaries, to everybody who has a part in it."""
    case = file_case(
        cast,
        status=CaseStatus.OPEN,
        case={"public_name": "Canaryname"},
        child={"full_name": "Canaryfull", "nicknames": ["Canarynick"]},
        in_hand_of=[cast.reviewer],
    )
    sighting = log_sighting(cast, description="Canarywords").sighting
    match = store_match(case, sighting, bits=17.25)
    for kind in kinds.every_kind():
        for who in (cast.guardian, cast.reviewer):
            assert who.user is not None
            address = EmailAddress.objects.get(user=who.user)
            address.verified = False
            address.save(update_fields=["verified"])
            codes = {name: next(iter(values)) for name, values in kind.codes.items()}
            about = address.pk if kind.code == "confirm_email" else match.pk
            tell(person=who.user, kind=kind.code, codes=codes, about=about)
    bodies = [
        str(letter.body) + letter.subject for n in Notice.objects.all() if (letter := write(n))
    ]

    assert len(bodies) == 2 * len(kinds.every_kind())
    secret = ["Canary", "17.25", "17.2", "bits", case.reference, str(match.pk), str(case.pk)]
    secret += [case.missing_from.text] if case.missing_from.text else []
    assert [(word, body) for body in bodies for word in secret if word in body] == []


def test_the_inbox_is_ones_own_and_counts_what_is_unread(cast: Cast) -> None:
    assert cast.guardian.user is not None
    tell(person=cast.guardian.user, kind="account_exists")
    browser = cast.guardian.browser()

    assert "You have an account already" in text_of(browser.get("/notices/"))
    assert ">1</span>" in text_of(browser.get("/"))
    assert "You have an account" not in text_of(cast.other_guardian.browser().get("/notices/"))
    browser.post("/notices/read/")
    assert ">1</span>" not in text_of(browser.get("/"))
    assert Client().get("/notices/").status_code == 302


# --- other ways -----------------------------------------------------------------------------------


class Texts:
    """A provider of texts: notes what it is given."""

    sent: ClassVar[list[tuple[str, str]]] = []

    def send(self, to: str, text: str) -> None:
        Texts.sent.append((to, text))


def test_whoever_has_a_number_only_is_told_by_text_where_a_provider_is_set(
    settings: Settings,
) -> None:
    somebody = User.objects.create_user(phone="+8613800000000")
    Texts.sent.clear()
    tell(person=somebody, kind="account_exists")
    work_off()
    assert Texts.sent == []

    settings.SMS_PROVIDER = "tests.platform.test_notify.Texts"
    tell(person=somebody, kind="account_exists")
    work_off()

    assert [to for to, _text in Texts.sent] == ["+8613800000000"]


def test_without_a_mail_server_letters_lie_in_the_local_mailbox(
    person: User, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    settings.LOCAL_MAILBOX = True
    tell(person=person, kind="reset_password")
    work_off()

    page = text_of(Client().get("/mailbox/"))

    assert "fay@example.org" in page
    assert "/password/new/" in page
    settings.LOCAL_MAILBOX = False
    assert Client().get("/mailbox/").status_code == 404


# --- strong matches -------------------------------------------------------------------------------


def told() -> list[str]:
    """Who has been told of a strong match, once for each time."""
    work_off("searches.tell_reviewers")
    notices = Notice.objects.filter(kind="strong_match").select_related("person")
    return sorted(notice.person.display_name for notice in notices)


def nobody_has_it_in_hand() -> None:
    Assignment.objects.update(released_at=Now())


def test_whoever_has_the_case_in_hand_is_told_of_a_strong_match_once_an_hour(cast: Cast) -> None:
    assert cast.second_reviewer
    cases = [file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer]) for _ in range(2)]
    sighting = log_sighting(cast).sighting
    for case in cases:
        store_match(case, sighting, band="strong")
        assert told() == ["first-desk", "reviewer", "second-desk"]

    Notice.objects.update(created_at=Now() - timedelta(minutes=61))
    store_match(cases[0], log_sighting(cast).sighting, band="strong")

    assert told() == sorted(["first-desk", "reviewer", "second-desk"] * 2)


def test_every_reviewer_is_told_where_nobody_has_the_case_in_hand(cast: Cast) -> None:
    assert cast.reviewer
    assert cast.volunteer
    case = file_case(cast, status=CaseStatus.OPEN)
    nobody_has_it_in_hand()

    store_match(case, log_sighting(cast).sighting, band="strong")

    assert told() == ["first-desk", "reviewer", "second-desk"]


def test_a_match_is_told_of_when_it_becomes_strong_and_not_before_or_again(cast: Cast) -> None:
    case, sighting = file_case(cast, status=CaseStatus.OPEN), log_sighting(cast).sighting
    store_match(case, sighting, band="possible")
    assert told() == []

    for _ in range(2):
        store_match(case, sighting, band="strong")
        assert told() == ["first-desk", "second-desk"]
        Notice.objects.update(created_at=Now() - timedelta(minutes=61))


def test_a_reviewer_who_is_kin_or_reported_the_sighting_learns_nothing(cast: Cast) -> None:
    """A guardian who reviews must not be told that their own child's case has a match."""
    case = file_case(cast, status=CaseStatus.OPEN)
    for person in (cast.guardian, cast.volunteer):
        RoleGrant.objects.create(user_id=person.user_id, role=StaffRole.REVIEWER)
    nobody_has_it_in_hand()

    store_match(case, log_sighting(cast, by=cast.volunteer).sighting, band="strong")

    assert told() == ["first-desk", "second-desk"]
