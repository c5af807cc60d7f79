"""Rows for tests, made by the services that make them in life. Every person is invented."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files.storage import storages
from django.db import transaction
from django.db.models.functions import Now
from PIL import Image

from casemgr.platform import outbox
from casemgr.platform.dates import PartialDate
from casemgr.platform.outbox import Job, JobState
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import (
    CaseStatus,
    IdentityEstablishedBy,
    OutcomeKind,
    Situation,
)
from cases import assignments, lifecycle, outcome_rules, outcomes
from cases import services as case_services
from cases.models import Case, ConsentPurpose, ContactWish, Outcome, StepKind, TakeReason
from families.models import VerificationBasis
from searches import match_store
from searches import services as sighting_services
from searches.matching.score import ENGINE_VERSION
from searches.matching.types import Evidence, Scored
from searches.models import Match, Sighting
from searches.services import Received
from tests.cast import Cast, Person

CASE_FACTS: Mapping[str, Any] = {
    "public_name": "Xiaoman",
    "missing_at": PartialDate("summer 2011", date(2011, 6, 1), date(2011, 8, 31)),
    "missing_from": Place(text="by the west gate market", division_code="530112"),
    "story": "She went to look at the lanterns and did not come back.",
}
CHILD_FACTS: Mapping[str, Any] = {
    "sex": "female",
    "full_name": "林小满",
    "given_name": "小满",
    "family_name": "林",
    "nicknames": ["Manman"],
    "birth_date": PartialDate("2006-05-21", date(2006, 5, 21), date(2006, 5, 21)),
}
SIGHTING_FACTS: Mapping[str, Any] = {
    "kind": "street",
    "sex": "female",
    "seen_at": PartialDate("2012-03-02", date(2012, 3, 2), date(2012, 3, 2)),
    "place": Place(text="railway station square", division_code="440300"),
    "apparent_age_min": 5,
    "apparent_age_max": 7,
    "description": "A girl selling flowers, with a small scar over the left eyebrow.",
}
# The way to each status that a case can be filed into.
_WAY = (
    CaseStatus.SUBMITTED,
    CaseStatus.VERIFIED,
    CaseStatus.OPEN,
    CaseStatus.LOCATED,
)


def file_case(
    cast: Cast,
    *,
    by: Person | None = None,
    status: CaseStatus = CaseStatus.DRAFT,
    public: bool = False,
    in_hand_of: Iterable[Person] = (),
    case: Mapping[str, Any] | None = None,
    child: Mapping[str, Any] | None = None,
    marks: Sequence[Mapping[str, Any]] = (),
) -> Case:
    """A case filed by `by` (else the guardian), taken to `status` (public ones are open).

    `case` and `child` change or add facts. The steps are taken by the cast's desk; only those in
    `in_hand_of` have the case in hand besides.
    """
    filer = (by or cast.guardian).actor
    filed = case_services.file_case(
        actor=filer,
        case={**CASE_FACTS, **(case or {})},
        child={**CHILD_FACTS, **(child or {})},
        marks=marks,
    )
    filer = (by or cast.guardian).actor
    goal = CaseStatus.OPEN if public else status
    if goal is CaseStatus.WITHDRAWN:
        lifecycle.transition(actor=filer, case=filed, to=goal)
    elif goal is not CaseStatus.DRAFT:
        desk = [person.actor for person in cast.desk]
        for actor in desk:
            case_services.take_in_hand(actor=actor, reference=filed.reference, why=TakeReason.NEW)
        closing = goal is CaseStatus.CLOSED
        for step in _WAY if closing else _WAY[: _WAY.index(goal) + 1]:
            by_guardian = step is CaseStatus.SUBMITTED
            lifecycle.transition(actor=filer if by_guardian else desk[0], case=filed, to=step)
        if closing:
            end_case(cast, filed)
        if public:
            case_services.give_consent(actor=filer, case=filed, purpose=ConsentPurpose.PUBLISH)
            for actor in desk:
                lifecycle.approve_publication(actor=actor, case=filed)
    for person in in_hand_of:
        case_services.take_in_hand(
            actor=person.actor, reference=filed.reference, why=TakeReason.NEW
        )
    return Case.objects.with_detail().get(pk=filed.pk)


def end_case(cast: Cast, case: Case, *, kind: OutcomeKind = OutcomeKind.LOCATED_IN_CARE) -> Outcome:
    """Take a case that the desk has in hand to its outcome, by the desk's two, the way that life
    does; the family is told nothing yet, unless its kind is one that asks for it.
    """
    first, second = (person.actor for person in cast.desk)
    needs = outcome_rules.NEEDS[kind]
    if StepKind.INFORMED in needs:
        outcomes.inform_authorities(actor=first, case=case, authority="Kunming police, KM-7")
    if StepKind.SPOKEN in needs:
        tell_family(cast, case)
    if StepKind.LOCATED in needs:
        outcomes.record_located(actor=first, case=case, place="a home for children in Linyi")
    if StepKind.IDENTITY in needs:
        outcomes.establish_identity(
            actor=first, case=case, by=[IdentityEstablishedBy.DNA], who="Kunming police laboratory"
        )
    if StepKind.WISHES in needs:
        declines = kind is OutcomeKind.DECLINES_CONTACT
        wish = ContactWish.DECLINES if declines else ContactWish.WANTS
        outcomes.record_wishes(actor=first, case=case, wish=wish, child_words="in her own words")
    outcomes.propose(
        actor=first,
        case=case,
        kind=kind,
        occurred_at=PartialDate("2020-03-02", date(2020, 3, 2), date(2020, 3, 2)),
        situation_found=Situation.WITH_FAMILY,
    )
    return outcomes.confirm(actor=second, case=case)


def tell_family(cast: Cast, case: Case) -> None:
    """The desk verifies everybody who speaks for the child, and speaks to them."""
    desk = cast.desk[0].actor
    for guardian in case.family.guardians.filter(verified_at__isnull=True):
        assignments.verify_guardian(
            actor=desk,
            case=case,
            guardian=guardian,
            basis=VerificationBasis.POLICE,
            police_reference="KM-7",
        )
    lifecycle.record_family_told(actor=desk, case=case, reason="spoke by phone")


def log_sighting(
    cast: Cast, *, by: Person | None = None, photos: Sequence[bytes] = (), **values: Any
) -> Received:
    """A sighting by `by` (else the anonymous one), with its receipt code."""
    return sighting_services.log_sighting(
        actor=(by or cast.anonymous).actor, values={**SIGHTING_FACTS, **values}, photos=photos
    )


def store_match(
    case: Case,
    sighting: Sighting,
    *,
    bits: float = 14.0,
    band: str = "possible",
    evidence: Sequence[Evidence] = (),
) -> Match:
    """The pair as a judged match, written the way the matching worker does."""
    case.refresh_from_db(fields=["revision"])
    sighting.refresh_from_db(fields=["revision"])
    lines = tuple(evidence) or (
        Evidence(
            comparison="sex",
            level="same",
            weight_bits=bits,
            case_value="female",
            sighting_value="female",
            reason="Both are said to be a %(sex)s.",
            params={"sex": {"list": "sex", "code": "female"}},
        ),
    )
    scored = Scored(
        case_id=case.pk,
        sighting_id=sighting.pk,
        weight_bits=bits,
        prior_bits=-13.0,
        probability=1 / (1 + 2 ** -(bits - 13.0)),
        band=band,
        engine_version=ENGINE_VERSION,
        evidence=lines,
    )
    with transaction.atomic():
        match_store.store(
            [scored],
            case_revisions={case.pk: case.revision},
            sighting_revisions={sighting.pk: sighting.revision},
        )
    return Match.objects.get(case=case, sighting=sighting)


def jpeg(seed: int = 1, *, size: tuple[int, int] = (320, 400), quality: int = 85) -> bytes:
    """A colourful JPEG without a face; each seed is another picture."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
    image = Image.fromarray(blocks, "RGB").resize(size, Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def work_off(handler: str | None = None) -> int:
    """Do the waiting jobs (of one handler) the way a worker does; returns how many were run."""
    done = 0
    while True:
        due = Job.objects.filter(state=JobState.WAITING, due_at__lte=Now())
        if handler is not None:
            due = due.filter(handler=handler)
        ids = list(due.order_by("due_at", "id").values_list("pk", flat=True))
        if not ids:
            return done
        for job_id in ids:
            outbox.run(job_id)
        done += len(ids)


def stored_files() -> list[str]:
    """Names of all private files, sorted."""
    root = Path(storages["private"].path(""))
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
