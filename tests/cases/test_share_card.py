"""What a link to a child's page shows where it is shared: the public card, and no more."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings

from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle, publication, services
from cases.models import Case, CasePhoto
from tests.cast import Cast
from tests.factories import file_case, jpeg, work_off
from tests.pages import text_of

pytestmark = pytest.mark.django_db
META = re.compile(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">')
HIDDEN = ("林小满", "Manman", "2006-05-21", "lanterns", "west gate")


def shared(response: Any) -> dict[str, str]:
    """The page's Open Graph and Twitter tags."""
    return {name: unescape(value) for name, value in META.findall(text_of(response))}


def page(cast: Cast, case: Case, language: str = "en") -> Any:
    return cast.anonymous.browser(language=language).get(f"/cases/{case.reference}/")


def public_with_photo(cast: Cast) -> tuple[Case, CasePhoto]:
    case = file_case(cast, public=True)
    photo = services.add_photo(
        actor=cast.guardian.actor, case=case, data=jpeg(), consent_public=True
    )
    work_off("cases.develop_photo")
    publication.approve_photo(actor=cast.desk[0].actor, photo=photo)
    return case, photo


def test_a_shared_link_tells_what_the_card_tells_and_nothing_beyond_it(cast: Cast) -> None:
    case, photo = public_with_photo(cast)
    tags = shared(page(cast, case))

    assert tags["og:title"] == "Have you seen Xiaoman?"
    told = tags["og:description"].split(" · ")
    assert re.fullmatch(r"then 5 years, now about \d+ years", told[0])
    assert told[1:] == ["Xishan, Kunming, Yunnan", "missing since 2011", case.reference]
    assert tags["og:url"] == f"{settings.SITE_ADDRESS}/cases/{case.reference}/"
    assert tags["og:image"] == f"{settings.SITE_ADDRESS}/media/case/{photo.pk}/public/"
    assert tags["twitter:card"] == "summary_large_image"
    assert [secret for secret in HIDDEN if secret in " ".join(tags.values())] == []
    picture = cast.anonymous.browser().get(f"/media/case/{photo.pk}/public/")
    assert picture.status_code == 200


def test_it_is_told_in_the_readers_language(cast: Cast) -> None:
    tags = shared(page(cast, file_case(cast, public=True), "zh-hans"))

    assert tags["og:locale"] == "zh_CN"
    assert "云南省昆明市西山区" in tags["og:description"]


def test_a_photo_that_nobody_ticked_or_agreed_to_is_not_shared(cast: Cast) -> None:
    case = file_case(cast, public=True)
    services.add_photo(actor=cast.guardian.actor, case=case, data=jpeg(2))
    services.add_photo(actor=cast.guardian.actor, case=case, data=jpeg(3), consent_public=True)
    work_off("cases.develop_photo")
    tags = shared(page(cast, case))

    assert "og:image" not in tags
    assert tags["twitter:card"] == "summary"


def test_a_name_cannot_break_out_of_its_tag(cast: Cast) -> None:
    case = file_case(cast, public=True, case={"public_name": '"><b>Xiao</b>'})
    response = page(cast, case)

    assert shared(response)["og:title"] == 'Have you seen "><b>Xiao</b>?'
    assert "<b>Xiao" not in text_of(response)


@pytest.mark.parametrize("cause", ["located", "unpublished", "withdrawn"])
def test_once_the_card_is_down_a_link_shows_nothing_of_it(cast: Cast, cause: str) -> None:
    case, photo = public_with_photo(cast)
    assert shared(page(cast, case))
    desk: Any = cast.desk[0].actor
    if cause == "located":
        lifecycle.transition(actor=desk, case=case, to=CaseStatus.LOCATED)
    elif cause == "withdrawn":
        lifecycle.transition(actor=cast.guardian.actor, case=case, to=CaseStatus.WITHDRAWN)
    else:
        publication.unpublish(actor=desk, case=case, reason="doubt")

    gone = page(cast, case)
    assert gone.status_code == 410
    assert shared(gone) == {}
    assert "Xiaoman" not in text_of(gone)
    assert cast.anonymous.browser().get(f"/media/case/{photo.pk}/public/").status_code in (404, 410)


def test_pages_of_no_child_have_no_such_tags(cast: Cast) -> None:
    file_case(cast, public=True)

    assert shared(cast.anonymous.browser().get("/")) == {}
