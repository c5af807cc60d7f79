"""Somebody who saw a child, on a machine that was never here; with scripts and without."""

from pathlib import Path

import pytest

from searches.models import Sighting
from tests.browser.conftest import Machine
from tests.browser.visitor import Visitor
from tests.factories import jpeg

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = pytest.mark.parametrize("language", ["en", "zh-hans"])
MOST_TAPS = 5
WORDS = "A girl with a red bag, alone, 她说她叫小满"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "street.jpg"
    file.write_bytes(jpeg(3, size=(1200, 1600)))
    return file


def code_of(visitor: Visitor) -> str:
    """The receipt's code, once it is shown."""
    return visitor.page.locator("#code:visible").inner_text().strip()


def follow(visitor: Visitor, code: str) -> None:
    """From any page to the sighting that a code opens."""
    visitor.tap("Follow a receipt")
    visitor.type("Your code", code)
    visitor.tap("Open")
    visitor.reads("received")
    visitor.reads(WORDS)


@LANGUAGES
def test_a_sighting_with_photo_takes_at_most_five_taps_and_its_receipt_opens_it(
    machine: Machine, photo: Path, language: str
) -> None:
    visitor = machine(language)
    visitor.open("/sightings/new/")
    visitor.pick("Take a photo", photo)
    visitor.type("In your words", WORDS)
    visitor.tap("Next: where and when")
    visitor.type("Where was the child?", "Humen, the bus station")
    visitor.tap("Send it now")

    code = code_of(visitor)
    print(f"{language}: {visitor.taps} taps to the receipt")
    assert visitor.taps <= MOST_TAPS
    assert visitor.axe() == []
    [sighting] = Sighting.objects.all()
    assert (sighting.description, sighting.photos.count()) == (WORDS, 1)

    another = machine(language)
    another.open("/")
    follow(another, code)
    assert another.axe() == []
    assert visitor.failed + another.failed == []


@LANGUAGES
def test_a_sighting_is_told_followed_and_taken_back_without_script(
    machine: Machine, photo: Path, language: str
) -> None:
    visitor = machine(language, script=False)
    visitor.open("/")
    visitor.tap("I have seen a child")
    visitor.pick("Take a photo", photo)
    visitor.type("In your words", WORDS)
    visitor.tap("Send")

    follow(visitor, code_of(visitor))
    visitor.tap("Take it back")
    visitor.tap("Yes, take it back")
    visitor.reads("taken back")
    [sighting] = Sighting.objects.all()
    assert sighting.withdrawn_at is not None
    assert sighting.photos.count() == 1


def test_what_is_wrong_with_a_sighting_is_said_where_it_is(machine: Machine) -> None:
    visitor = machine()
    visitor.open("/sightings/new/")
    visitor.tap("Next: where and when")
    visitor.tap("Next: if you like")
    visitor.tap("Send")

    visitor.page.locator(".error-summary").wait_for()
    focused = visitor.page.evaluate("document.activeElement.className")
    assert focused == "error-summary"
    assert visitor.axe() == []
    assert Sighting.objects.count() == 0


@LANGUAGES
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_grown_child_tells_what_they_remember_and_can_leave_at_any_time(
    machine: Machine, language: str, script: bool
) -> None:
    visitor = machine(language, script=script)
    visitor.open("/")
    visitor.tap("I think I was taken")
    visitor.reads("It is for you to decide")
    visitor.tap("Tell what I remember")
    assert visitor.page.locator("a.leave").is_visible()
    visitor.type("What do you remember?", WORDS)
    if script:
        visitor.tap("Next: when and where")
        visitor.tap("Send it now")
    else:
        visitor.tap("Send")

    code = code_of(visitor)
    another = machine(language, script=script)
    another.open("/receipt/")
    another.type("Your code", code)
    another.tap("Open")
    another.reads("received")
    [sighting] = Sighting.objects.all()
    assert sighting.kind == "seeker"
