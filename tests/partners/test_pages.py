"""The pages where partners are taken in and look after their programs."""

import re

import pytest
from django.test import Client

from casemgr.platform.partners import webhooks
from casemgr.platform.partners.models import ApiClient, Delivery, Partner, PartnerAdmin
from tests.cast import Cast
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def secret_in(page: str) -> str:
    found = re.search(r'id="code">(homeward_secret_[\w-]+)<', page)
    assert found, page
    return found[1]


def test_an_administrator_takes_an_organisation_in_and_names_who_looks_after_it(
    cast: Cast,
) -> None:
    browser = cast.admin.browser()
    assert cast.volunteer.user is not None
    answer = browser.post("/partners/found/", {"name": "Lighthouse"})
    partner = Partner.objects.get()
    assert answer["Location"] == f"/partners/{partner.pk}/"
    again = browser.post("/partners/found/", {"name": "Lighthouse"})
    assert (again.status_code, Partner.objects.count()) == (400, 1)

    where = f"/partners/{partner.pk}/appoint/"
    assert browser.post(where, {"email": "nobody@example.org"}).status_code == 400
    assert browser.post(where, {"email": cast.volunteer.user.email}).status_code == 302
    admin = PartnerAdmin.objects.get()
    assert admin.user == cast.volunteer.user
    assert "Lighthouse" in text_of(cast.volunteer.browser().get("/partners/"))
    browser.post(f"/partners/{partner.pk}/dismiss/{admin.pk}/")
    assert cast.volunteer.browser().get("/partners/").status_code == 404


def test_a_partners_administrator_adds_programs_and_is_shown_each_secret_once(cast: Cast) -> None:
    browser = cast.partner_admin.browser()
    where = f"/partners/{cast.partner.pk}/"
    assert browser.post(f"{where}clients/", {"name": "x", "scopes": ["all"]}).status_code == 400
    assert browser.post(f"{where}clients/", {"name": "x"}).status_code == 400
    assert ApiClient.objects.count() == 0

    page = text_of(browser.post(f"{where}clients/", {"name": "importer", "scopes": ["cases:read"]}))
    first = secret_in(page)
    assert "/oauth/token/" in page, "what comes next is said with the secret"
    client = ApiClient.objects.get()
    assert (client.name, client.scopes) == ("importer", ["cases:read"])
    seen = text_of(browser.get(where))
    assert first not in seen
    assert first[-4:] in seen
    second = secret_in(text_of(browser.post(f"{where}clients/{client.pk}/rotate/")))
    assert second != first
    browser.post(f"{where}clients/{client.pk}/revoke/")
    assert str(client.pk) not in text_of(browser.get(where))


def test_a_partners_administrator_stops_it_and_only_the_site_lets_it_go_on(cast: Cast) -> None:
    where = f"/partners/{cast.partner.pk}/"
    own, site = cast.partner_admin.browser(), cast.admin.browser()
    page = text_of(own.get(where))
    warning = page.index("Only an administrator of this site can let them go on.")
    assert page.rindex("<details", 0, warning) < warning < page.index("Stop all programs now")

    own.post(f"{where}stop/")
    assert "stopped" in text_of(own.get("/partners/"))
    assert own.post(f"{where}resume/").status_code == 404
    assert Partner.objects.get().stopped_at is not None
    site.post(f"{where}resume/")
    assert Partner.objects.get().stopped_at is None


def test_others_see_and_do_nothing_here(cast: Cast) -> None:
    where = f"/partners/{cast.partner.pk}/"
    other = cast.other_program.client.partner
    assert cast.volunteer.user is not None
    outsiders = [cast.volunteer.browser(), cast.reviewer.browser()]
    for browser in outsiders:
        for address in ("/partners/", where):
            assert browser.get(address).status_code == 404
        for act in ("stop/", "clients/", "appoint/"):
            assert browser.post(where + act).status_code == 404
    mine = cast.partner_admin.browser()
    for address in (f"/partners/{other.pk}/", f"/partners/{other.pk}/clients/"):
        assert mine.get(address).status_code in (404, 405)
    assert mine.post(f"/partners/{other.pk}/stop/").status_code == 404
    assert mine.post("/partners/found/", {"name": "Mine"}).status_code == 404
    assert mine.get("/staff/").status_code == 404
    assert Partner.objects.filter(stopped_at__isnull=False).count() == 0


def test_without_a_second_factor_the_role_waits(cast: Cast) -> None:
    browser = Client()
    assert cast.partner_admin.user is not None
    browser.force_login(cast.partner_admin.user)

    assert browser.get("/partners/")["Location"] == "/account/factor/"


def test_a_page_of_many_programs_takes_no_more_queries(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser, counts = cast.partner_admin.browser(), []
    browser.get(f"/partners/{cast.partner.pk}/")  # what the site is called is read once
    for more in (1, 5):
        for _ in range(more):
            cast.program_of(cast.partner).api().get("/api/v1/cases/")
        with CaptureQueriesContext(connection) as seen:
            browser.get(f"/partners/{cast.partner.pk}/")
        counts.append(len(seen))

    assert counts[0] == counts[1]


def test_addresses_are_tried_switched_on_and_sent_to_again_from_the_page(cast: Cast) -> None:
    program, browser = cast.program, cast.partner_admin.browser()
    webhook, _secret = webhooks.add(
        actor=program.actor,
        partner=cast.partner,
        url="https://hooks.example.org/",
        types=["case.opened"],
    )
    where = f"/partners/{cast.partner.pk}/"
    other = cast.program_of(cast.other_program.client.partner).client.partner

    assert browser.post(f"{where}webhooks/{webhook.pk}/test/").status_code == 302
    assert "A test is on its way." in text_of(browser.get(where))
    delivery = Delivery.objects.get()
    Delivery.objects.update(state="failed")
    assert "webhook.test" in text_of(browser.get(where))
    assert browser.post(f"{where}deliveries/{delivery.pk}/replay/").status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == "waiting"
    webhooks.disable(webhook)
    assert browser.post(f"{where}webhooks/{webhook.pk}/enable/").status_code == 302
    webhook.refresh_from_db()
    assert webhook.state == "active"
    assert cast.volunteer.browser().post(f"{where}webhooks/{webhook.pk}/test/").status_code == 404
    elsewhere = f"/partners/{other.pk}/webhooks/{webhook.pk}/test/"
    assert cast.admin.browser().post(elsewhere).status_code == 404
