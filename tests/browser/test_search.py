"""Somebody who looks for a child, and reads what to do; without script as well."""

import pytest

from tests.browser.conftest import Machine
from tests.cast import Cast
from tests.factories import file_case

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_case_is_found_opened_and_answered(
    cast: Cast, machine: Machine, language: str, script: bool
) -> None:
    case = file_case(cast, public=True)
    file_case(cast, public=True, case={"public_name": "Dudu"})
    visitor = machine(language, script=script)

    visitor.open("/")
    visitor.reads("Dudu")
    visitor.tap("Search among them")
    visitor.page.locator("form[role=search] .search-fields input").first.fill("Xiaoman")
    visitor.page.locator("form[role=search] .search-fields ~ .actions button").click()
    assert "Dudu" not in visitor.page.locator("main").inner_text()
    visitor.page.locator("main a", has_text="Xiaoman").first.click()
    assert visitor.path == f"/cases/{case.reference}/"
    visitor.reads("I have seen this child")
    visitor.tap("I have seen this child")
    assert visitor.path.startswith("/sightings/new/")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_parent_without_script_reads_what_comes_first_and_is_led_to_an_account(
    machine: Machine, language: str
) -> None:
    visitor = machine(language, script=False)
    visitor.open("/")
    visitor.tap("My child is missing")
    visitor.reads("Let somebody stay at home and keep your own phone free.")
    visitor.tap("Open an account")
    assert visitor.path == "/sign-up/?next=/report/"
