"""Somebody who saw a child where there is no network."""

from pathlib import Path

import pytest

from searches.models import Sighting
from tests.browser.conftest import Machine
from tests.factories import jpeg

pytestmark = pytest.mark.django_db(transaction=True)
READY = "async () => (await navigator.serviceWorker.ready) && (await caches.keys()).length > 1"
WAITING = "() => homeward.store.all('sightings').then((items) => items.map((item) => item.state))"


def test_a_sighting_told_without_a_network_is_sent_once_when_it_is_back(
    machine: Machine, tmp_path: Path
) -> None:
    photo = tmp_path / "street.jpg"
    photo.write_bytes(jpeg(3, size=(3000, 2000)))
    visitor = machine()
    visitor.open("/about/")
    visitor.page.wait_for_function(READY)
    visitor.context.set_offline(True)
    visitor.page.goto("/")
    visitor.reads("This page needs a network")
    assert visitor.axe() == []
    visitor.tap("I have seen a child")
    visitor.pick("Take a photo", photo)
    visitor.type("In your words", "A girl with a red bag")
    visitor.tap("Next: where and when")
    visitor.tap("Send it now")
    visitor.page.get_by_text("Kept on this phone, not sent yet").wait_for()

    assert visitor.axe() == []
    assert Sighting.objects.count() == 0
    assert visitor.page.evaluate(WAITING) == ["waiting"]
    visitor.context.set_offline(False)
    visitor.page.locator("#code:visible").wait_for()
    visitor.open("/on-this-phone/")
    visitor.page.locator(".code:visible").wait_for()
    assert visitor.axe() == []
    visitor.tap("Wipe everything from this phone")
    visitor.page.get_by_text("Nothing is kept on this phone.").wait_for()
    [sighting] = Sighting.objects.all()
    assert sighting.photos.count() == 1
    assert visitor.failed == []
