"""A case or sighting that moves on while a worker looks at its photo is seen as it stands."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from casemgr.demo import portraits
from casemgr.demo.portrait_seeds import DEMO_SEEDS
from casemgr.platform import outbox, photo_pipeline
from casemgr.platform.outbox import Job
from casemgr.platform.vocabularies import CaseStatus
from cases import lifecycle
from cases import services as case_services
from cases.models import CaseFace
from searches import services as sighting_services
from searches.models import SightingFace
from tests import factories
from tests.cast import Cast


def portrait() -> bytes:
    file = io.BytesIO()
    portraits.draw(portraits.identity(DEMO_SEEDS[0]), 1).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Has something happen just after a worker has read a photo and before it writes."""

    def arrange(act: Callable[[], Any]) -> None:
        develop = photo_pipeline.develop

        def developed_late(*args: Any, **kwargs: Any) -> photo_pipeline.DevelopedPhoto:
            act()
            return develop(*args, **kwargs)

        monkeypatch.setattr(photo_pipeline, "develop", developed_late)

    return arrange


@pytest.mark.django_db(transaction=True)
def test_a_case_submitted_while_its_photo_develops_is_searched_by_face(
    cast: Cast, meanwhile: Callable[[Callable[[], Any]], None]
) -> None:
    case = factories.file_case(cast)
    actor = cast.guardian.actor
    case_services.add_photo(actor=actor, case=case, data=portrait())
    meanwhile(lambda: lifecycle.transition(actor=actor, case=case, to=CaseStatus.SUBMITTED))
    factories.work_off("cases.develop_photo")
    assert CaseFace.objects.get(photo__case=case).live
    assert Job.objects.get(handler="searches.match_case", subject=case.pk).generation == 2


@pytest.mark.django_db(transaction=True)
def test_a_sighting_withdrawn_while_its_photo_develops_is_searched_no_more(
    cast: Cast, meanwhile: Callable[[Callable[[], Any]], None]
) -> None:
    received = factories.log_sighting(cast, by=cast.volunteer, photos=[portrait()])
    sighting = received.sighting
    meanwhile(lambda: sighting_services.withdraw(actor=cast.volunteer.actor, sighting=sighting))
    factories.work_off("searches.develop_photo")
    assert not SightingFace.objects.get(photo__sighting=sighting).live
    assert outbox.waiting("searches.match_sighting") == 1
