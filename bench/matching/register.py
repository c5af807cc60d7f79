"""Cases of the set in a database of their own, so that the product's candidate searches can run.

The database is made on the server that the settings name (the embedded one by default), under a
name of this process, and thrown away at the end.
"""

import os
from collections.abc import Sequence
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Final
from uuid import UUID

import django

from casemgr.platform.dates import PartialDate
from casemgr.platform.places import Place
from searches.matching.types import (
    CaseProfile,
    Context,
    Interval,
    Scored,
    SightingProfile,
    Spot,
)

if TYPE_CHECKING:
    from cases.models import Case, Child
    from families.models import Family
    from searches.models import Sighting

BATCH: Final = 2_000
_numbers = count()


class Register:
    """A context manager; inside it the cases are on file and open."""

    def __init__(self, cases: Sequence[CaseProfile]) -> None:
        self._cases = cases
        self._name = ""

    def __enter__(self) -> "Register":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgr.settings")
        django.setup()
        from django.db import connection

        from casemgr.platform import embedded

        embedded.ensure()
        self._name = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"]["NAME"] = f"homeward_bench_{os.getpid()}_{next(_numbers)}"
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            self._file()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        from django.db import connection

        connection.creation.destroy_test_db(self._name, verbosity=0)

    def candidates(self, sighting: SightingProfile, context: Context) -> set[UUID]:
        """Ids of the cases that the product would judge against the sighting."""
        from searches.candidates import cases_for

        return cases_for(sighting, context)

    def judged(self, sighting: SightingProfile, context: Context) -> list[Scored]:
        """What the product does with a new sighting: find candidates, weigh them in bulk, read the
        heaviest and judge these."""
        from searches.matching_service import judged_cases

        return judged_cases(sighting, context)[1]

    def _file(self) -> None:
        from django.db import connection

        from cases.models import Case, Child, ChildMark
        from families.models import Family
        from searches import prepared

        family = Family.objects.create()
        for start in range(0, len(self._cases), BATCH):
            profiles = self._cases[start : start + BATCH]
            rows = [_case(profile, family) for profile in profiles]
            Case.objects.bulk_create(rows)
            children = [_child(profile, row) for profile, row in zip(profiles, rows, strict=True)]
            Child.objects.bulk_create(children)
            ChildMark.objects.bulk_create(
                ChildMark(
                    child=child, kind=mark.kind, body_part=mark.body_part, side=mark.side,
                    text=mark.text,
                )
                for profile, child in zip(profiles, children, strict=True)
                for mark in profile.marks
            )  # fmt: skip
            prepared.keep(
                [(row.revision, profile) for row, profile in zip(rows, profiles, strict=True)]
            )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _case(profile: CaseProfile, family: "Family") -> "Case":
    from casemgr.platform.vocabularies import CaseStatus
    from cases.models import Case

    case = Case(
        id=profile.id,
        reference=f"HW-{next(_numbers)}",
        family=family,
        status=CaseStatus.OPEN,
        story=profile.story,
        tokens=sorted(profile.tokens),
    )
    case.missing_at = _date(profile.missing) or PartialDate("not known")
    case.missing_from = _place(profile.missing_from)
    return case


def _child(profile: CaseProfile, case: "Case") -> "Child":
    from cases.models import Child

    full, *others = (*profile.names, "")[: len(profile.names) or 1]
    child = Child(
        case=case,
        sex=profile.sex,
        height_cm=profile.height_cm,
        blood_type=profile.blood_type,
        ethnicity=profile.ethnicity,
        languages=list(profile.languages),
        clothing=profile.clothing,
        description=profile.description,
        full_name=full,
        family_name=profile.family_name,
        nicknames=others,
        parents_blood_types=list(profile.parents_blood_types),
    )
    child.birth_date = _date(profile.birth)
    child.height_as_of = _date(profile.height_as_of)
    return child


def _date(span: Interval | None) -> PartialDate | None:
    if span is None:
        return None
    first, last = span.earliest.date(), span.latest.date()
    return PartialDate(f"{first} – {last}", first, last)


def _place(spot: Spot | None) -> Place | None:
    """The words and the division; what the words alone tell is worked out when it is read."""
    return Place(text=spot.text, division_code=spot.division_code) if spot else None


def sighting_of(profile: SightingProfile) -> "Sighting":
    """The sighting on file, as it was told."""
    from searches.models import Sighting, SightingMark

    sighting = Sighting(
        id=profile.id,
        kind=profile.kind,
        receipt_digest=profile.id.hex,
        sex=profile.sex,
        height_cm=profile.height_cm,
        blood_type=profile.blood_type,
        ethnicity=profile.ethnicity,
        languages=list(profile.languages),
        clothing=profile.clothing,
        description=profile.description,
        memories=profile.memories,
        name_heard=(*profile.names_heard, "")[0],
        apparent_age_min=_whole(profile.apparent_age_min),
        apparent_age_max=_whole(profile.apparent_age_max),
        tokens=sorted(profile.tokens),
    )
    sighting.seen_at = _date(profile.seen)
    sighting.birth_date = _date(profile.birth)
    sighting.separated_at = _date(profile.separated)
    sighting.place = _place(profile.place)
    sighting.separated_from = _place(profile.separated_from)
    sighting.save(force_insert=True)
    SightingMark.objects.bulk_create(
        SightingMark(
            sighting=sighting, kind=mark.kind, body_part=mark.body_part, side=mark.side,
            text=mark.text,
        )
        for mark in profile.marks
    )  # fmt: skip
    return sighting


def _whole(years: float | None) -> int | None:
    return None if years is None else round(years)
