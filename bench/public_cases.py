"""Invented open cases with a public card, stored without the product's own way of filing them.

Names, sexes, years and places differ as those of the benchmark set do (docs/benchmark-set.md);
what is alike in all of them is alike on purpose, so that rows weigh the same. To be imported in a
house that stands (`bench.scratch.empty_house`).
"""

from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random

from django.db import connection
from django.utils import timezone

from bench.population.names import invent_name
from casemgr.platform import places
from casemgr.platform.dates import PartialDate
from casemgr.platform.places import Place
from cases.filing import index, unused_references
from cases.models import Case, CasePhoto, Child, ChildMark, ExternalId
from families.models import Family
from tests.cast import Cast

BATCH = 5_000
YEAR = timedelta(days=365.25)


def invent(cast: Cast, count: int, *, seed: int = 1) -> None:
    """So many open cases of the cast's partner, newest first in the order they are made; each is
    public, with two marks, a photo and two ids elsewhere."""
    rng, now, family = Random(seed), timezone.now(), Family.objects.create()
    counties = [unit.code for unit in places.divisions().values() if unit.level == "county"]
    references = iter(unused_references(count))
    for start in range(0, count, BATCH):
        cases, children, marks, photos, elsewhere = [], [], [], [], []
        for number, name in enumerate(islice(references, BATCH), start):
            made = now - timedelta(seconds=number)
            missing = now - rng.uniform(0.1, 30) * YEAR
            born = missing - rng.uniform(0, 14) * YEAR
            sex = rng.choice(("female", "male"))
            named = invent_name(rng, sex, born.year)
            case = Case(
                family=family,
                partner=cast.partner,
                reference=name,
                status="open",
                public_since=made,
                ever_public=True,
                created_at=made,
                story="The child went to look at the lanterns and did not come back.",
            )
            child = Child(
                case=case,
                sex=sex,
                full_name=named.full,
                given_name=named.given,
                family_name=named.family,
                nicknames=list(named.pets),
                description="Thin, with long lashes; speaks little and laughs a lot.",
            )
            case.missing_at = _season(missing)
            case.missing_from = Place(text="by the market", division_code=rng.choice(counties))
            child.birth_date = _day(born)
            cases.append(case)
            children.append(child)
            marks += [
                ChildMark(child=child, kind=kind, body_part="shoulder", text="small", public=True)
                for kind in ("scar", "birthmark")
            ]
            index(case, [])
            photos.append(_photo(case, number))
            elsewhere += [
                ExternalId(case=case, system=system, value=str(seed * 1_000_000 + number))
                for system in ("bench", "other")
            ]
        Case.objects.bulk_create(cases)
        Child.objects.bulk_create(children)
        ChildMark.objects.bulk_create(marks)
        CasePhoto.objects.bulk_create(photos)
        ExternalId.objects.bulk_create(elsewhere)


def settle() -> None:
    """Let the database look at what it holds, as it does by itself after a while."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _photo(case: Case, number: int) -> CasePhoto:
    return CasePhoto(
        case=case,
        consent_public=True,
        ever_public=True,
        status="ready",
        original=f"{number}",
        original_sha256="0" * 64,
        original_bytes=1,
        original_format="JPEG",
        reviewer_file=f"{number}-r",
        public_file=f"{number}-p",
        thumb_file=f"{number}-t",
        width=640,
        height=480,
    )


def _season(moment: datetime) -> PartialDate:
    return PartialDate(f"about {moment:%Y}", moment.date(), (moment + timedelta(days=90)).date())


def _day(moment: datetime) -> PartialDate:
    return PartialDate(f"{moment.astimezone(UTC):%Y-%m-%d}", moment.date(), moment.date())
