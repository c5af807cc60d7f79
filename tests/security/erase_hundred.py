"""`make erase-proof`: a hundred planted subjects, an eraser that is killed over and over, a search.

Run by pytest, which gives it a database of its own; not among the tests that run by themselves. Set
ERASE_SUBJECTS and ERASE_KILLS for a smaller or a larger proof.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from casemgr.platform import access, erasure, outbox
from casemgr.platform.access import Actor
from casemgr.platform.accounts.models import RoleGrant, StaffRole, User
from casemgr.platform.erasure import Erasure, ErasureLine, Kind, State
from casemgr.platform.erasure.verifying import verify_erased
from casemgr.platform.vocabularies import CaseStatus
from cases import services as case_services
from cases.models import CaseFace
from families.services import set_contact
from searches import services
from searches.models import ReporterContact, SightingFace
from tests.cast import Cast, Person
from tests.factories import file_case, log_sighting, store_match, stored_files, work_off
from tests.faults import house
from tests.security import canaries

SUBJECTS = int(os.environ.get("ERASE_SUBJECTS", "100"))
KILLS = int(os.environ.get("ERASE_KILLS", "40"))
PATIENCE = 120.0

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class Planted:
    """The subjects, and how many columns and photos their canaries are in."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.columns = self.photos = 0
        self.subjects: dict[int, tuple[Kind, UUID]] = {}
        self.officer = _officer("first")
        self.bystander_case = file_case(cast, status=CaseStatus.OPEN)
        self.bystander_sighting = log_sighting(cast).sighting

    def plant(self, number: int) -> None:
        """One more subject; a third each are sightings, cases and accounts."""
        make = (self._sighting, self._case, self._account)[number % 3]
        kind, subject = make(number, canaries.canary(number))
        canaries.plant_traces(subject, canaries.canary(number))
        self.columns += 3
        self.subjects[number] = kind, subject

    def _sighting(self, number: int, word: str) -> tuple[Kind, UUID]:
        sighting = log_sighting(self.cast, photos=[canaries.photo(number)]).sighting
        work_off("searches.develop_photo")
        canaries.plant_face(SightingFace, sighting.photos.get().pk, number)
        ReporterContact.objects.create(sighting=sighting)
        store_match(self.bystander_case, sighting)
        self.photos += 1
        self.columns += canaries.plant(sighting, word)
        return Kind.SIGHTING, sighting.pk

    def _case(self, number: int, word: str) -> tuple[Kind, UUID]:
        person = Person(User.objects.create_user(email=f"family{number}@example.org"))
        case = file_case(self.cast, by=person, public=number % 2 == 0, status=CaseStatus.OPEN)
        photo = case_services.add_photo(actor=person.actor, case=case, data=canaries.photo(number))
        work_off("cases.develop_photo")
        canaries.plant_face(CaseFace, photo.pk, number)
        guardian = case.family.guardians.get()
        set_contact(actor=person.actor, guardian=guardian, name="x")
        store_match(case, self.bystander_sighting)
        self.photos += 1
        self.columns += canaries.plant(case, word) + canaries.plant(guardian, word)
        return Kind.CASE, case.pk

    def _account(self, number: int, word: str) -> tuple[Kind, UUID]:
        user = User.objects.create_user(email=f"{word}@example.org", display_name=word)
        person = Person(user)
        guardian = file_case(self.cast, by=person).family.guardians.get()
        set_contact(actor=person.actor, guardian=guardian, name="x")
        sighting = log_sighting(self.cast, by=person).sighting
        contact = ReporterContact.objects.create(sighting=sighting)
        canaries.plant_session(user, word)
        self.columns += canaries.plant(guardian, word) + canaries.plant(contact, word) + 3
        return Kind.ACCOUNT, user.pk

    def take_back(self) -> None:
        """Everybody asks; of a case an officer agrees."""
        for kind, subject in self.subjects.values():
            if kind is Kind.SIGHTING:
                from searches.models import Sighting

                sighting = Sighting.objects.get(pk=subject)
                services.withdraw(actor=Actor(receipt=subject), sighting=sighting)
            elif kind is Kind.CASE:
                from cases.models import Case

                case = Case.objects.get(pk=subject)
                owner = case.family.guardians.get().user
                asked = erasure.ask(actor=access.actor_for(owner), kind=kind, obj=case)
                erasure.approve(actor=self.officer.actor, erasure=asked)
            else:
                user = User.objects.get(pk=subject)
                erasure.ask(actor=access.actor_for(user), kind=kind, obj=user)

    def found(self) -> dict[str, int]:
        """Every place where any of the canaries is, and how often."""
        words = {canaries.canary(number) for number in self.subjects}
        numbers = {repr(canaries.embedding(number))[:9] for number in self.subjects}
        places: Counter[str] = Counter()
        for where, text in (*canaries.everything(), *broker()):
            for needle in words | (numbers if where.endswith("face") else set()):
                places[where.partition(" ")[0]] += text.count(needle)
        return {where: count for where, count in places.items() if count}


def _officer(name: str) -> Person:
    user = User.objects.create_user(email=f"{name}-officer@example.org", display_name=name)
    RoleGrant.objects.create(user=user, role=StaffRole.DATA_PROTECTION)
    return Person(user)


def broker() -> Iterator[tuple[str, str]]:
    """All that lies in Redis, where that is the broker."""
    if not settings.CELERY_BROKER_URL.startswith(("redis", "unix")):
        return
    url = settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://").split("?virtual")[0]
    client: Any = redis.Redis.from_url(url)
    for key in client.scan_iter():
        kind = client.type(key)
        value: Any = b""
        if kind == b"string":
            value = client.get(key)
        elif kind == b"list":
            value = b"\n".join(client.lrange(key, 0, -1))
        elif kind == b"hash":
            value = b"\n".join(part for pair in client.hgetall(key).items() for part in pair)
        elif kind == b"zset":
            value = b"\n".join(client.zrange(key, 0, -1))
        elif kind == b"set":
            value = b"\n".join(client.smembers(key))
        yield "redis", (bytes(key) + b" " + bytes(value)).decode("latin-1")


@contextmanager
def eraser(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The eraser as a process of its own; whatever is left of it is killed in the end."""
    env = {**os.environ, "DATABASE_URL": house.test_database_url(), "VAR_DIR": str(folder)}
    env["CELERY_BROKER_URL"] = settings.CELERY_BROKER_URL
    process = subprocess.Popen(
        [sys.executable, "manage.py", "erasures", "run"],
        cwd=house.ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def states() -> Counter[str]:
    return Counter(Erasure.objects.values_list("state", flat=True))


def kill_midway(folder: Path, rng: random.Random) -> Counter[str]:
    """Let the eraser get some steps further, then kill it; returns what it left behind."""
    before = states()
    steps = rng.randint(1, 3)
    wanted = rng.choice([None, State.ERASING])
    with eraser(folder) as process:
        began = time.monotonic()
        while process.poll() is None and time.monotonic() - began < PATIENCE:
            now = states()
            moved = before[State.HIDDEN] - now[State.HIDDEN]
            if moved >= steps and (wanted is None or now[wanted]):
                break
            if moved > 2 * steps:
                break
    return states()


def test_a_hundred_subjects_leave_nothing_though_the_eraser_is_killed_again_and_again(
    cast: Cast, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private = settings.STORAGES["private"]
    place = {**private, "OPTIONS": {**private["OPTIONS"], "location": tmp_path / "private"}}
    settings.STORAGES = {**settings.STORAGES, "private": place}
    settings.ERASURE_WAIT_HOURS = 1
    planted = Planted(cast)
    for number in range(SUBJECTS):
        planted.plant(number)
    outbox.Job.objects.all().delete()
    before = planted.found()
    files_before = len(stored_files())
    planted.take_back()
    Erasure.objects.update(due_at=timezone.now())

    rng, left = random.Random(1), Counter[str]()
    kills = 0
    while kills < KILLS and states()[State.HIDDEN] > 3:
        after = kill_midway(tmp_path, rng)
        kills += 1
        left += Counter({state: 1 for state in after if after[state]})
    with eraser(tmp_path) as process:
        assert process.wait(PATIENCE) == 0
    counts = verify_erased()
    while states()[State.ERASED] and counts["verified"]:
        counts = verify_erased()
    found = planted.found()

    with capsys.disabled():
        print(f"\n{SUBJECTS} subjects ({SUBJECTS // 3} of each kind or one more) were planted with")
        print(f"canaries in {planted.columns} columns and {planted.photos} photos; found in")
        print(f"{len(before)} places, {sum(before.values())} times; files: {files_before}.")
        print(f"The eraser was killed {kills} times (SIGKILL); it left rows gone and files not yet")
        print(f"{left[State.ERASING]} times. Verified: {states()[State.VERIFIED]}.")
        print(f"Canaries found afterwards: {sum(found.values())} {found or ''}")
    assert found == {}
    assert states() == {State.VERIFIED: SUBJECTS}
    assert ErasureLine.objects.count() == SUBJECTS
    assert len([name for name in stored_files() if name.startswith("erasures/")]) == SUBJECTS
    assert [name for name in stored_files() if not name.startswith("erasures/")] == []
    assert kills == 0 or left[State.ERASING] or KILLS < 10
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM searches_sighting WHERE withdrawn_at IS NULL")
        assert cursor.fetchone()[0] == 1 + len(range(2, SUBJECTS, 3))
