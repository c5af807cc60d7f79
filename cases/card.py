"""The public card: everything that anybody may see of a case, and nothing beyond it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext

from casemgr.platform import references
from casemgr.platform.dates import PartialDate
from casemgr.platform.errors import Gone, NotFound
from casemgr.platform.fields import civil_zone
from casemgr.platform.places import Place
from casemgr.platform.vocabularies import PhotoStatus, Sex
from cases.models import Case, CasePhoto, ChildMark

FRESH = timedelta(days=3)
# A child's age that may be off by more than this is no help to somebody in the street.
WIDEST_AGE_YEARS = 5


@dataclass(frozen=True, slots=True)
class Ages:
    """Fewest and most whole years that the child may be."""

    least: int
    most: int

    def __str__(self) -> str:
        if self.least == self.most:
            return npgettext("age", "%(count)s year", "%(count)s years", self.least) % {
                "count": self.least
            }
        return pgettext("age", "%(least)s to %(most)s years") % {
            "least": self.least,
            "most": self.most,
        }


@dataclass(frozen=True, slots=True)
class PublicCard:
    """One child's card. Ages are None and texts '' where nothing is known.

    `missing_at` is for the month alone, `missing_from` for the county alone.
    """

    reference: str
    name: str
    sex: str
    birth_year: int | None
    age_then: Ages | None
    age_now: Ages | None
    missing_at: PartialDate
    missing_from: Place
    marks: tuple[ChildMark, ...]
    photos: tuple[CasePhoto, ...]
    fresh: bool


def public_card(case: Case) -> PublicCard:
    """The card of a case loaded by `with_card`; touches no other row."""
    child = case.child
    now = PartialDate("", timezone.now(), timezone.now())
    return PublicCard(
        reference=case.reference,
        name=public_name(case),
        sex=child.sex,
        birth_year=_birth_year(child.birth_date),
        age_then=ages(child.birth_date, case.missing_at),
        age_now=ages(child.birth_date, now),
        missing_at=case.missing_at,
        missing_from=case.missing_from,
        marks=public_marks(child.marks.all()),
        photos=public_photos(case.photos.all()),
        fresh=case.public_since is not None and timezone.now() - case.public_since < FRESH,
    )


def public_name(case: Case) -> str:
    """The guardian's choice, else a given name or nickname; never the full name."""
    if name := own_name(case):
        return name
    child = case.child
    if child.sex == Sex.UNKNOWN:
        return _("a child")
    return _("a girl") if child.sex == Sex.FEMALE else _("a boy")


def own_name(case: Case) -> str:
    """The name on the card, '' where it says only 'a girl' or 'a boy'."""
    child = case.child
    return case.public_name or child.given_name or next(iter(child.nicknames), "")


def public_marks(marks: Iterable[ChildMark]) -> tuple[ChildMark, ...]:
    """The ticked marks; where there are several, one stays back to test a claim with.

    Always the same one, whatever order the rows come in.
    """
    known = sorted(marks, key=lambda mark: (mark.kind, mark.body_part, mark.side, mark.text))
    shown = [mark for mark in known if mark.public]
    if len(known) > 1 and len(shown) == len(known):
        shown.pop()
    return tuple(shown)


def public_photos(photos: Iterable[CasePhoto]) -> tuple[CasePhoto, ...]:
    """The photos that the guardian ticked, once they are ready and marked as public."""
    return tuple(photo for photo in photos if is_public(photo))


def is_public(photo: CasePhoto) -> bool:
    """Whether a photo is on the card while the card is up."""
    return photo.consent_public and photo.ever_public and photo.status == PhotoStatus.READY


def ages(birth: PartialDate, when: PartialDate) -> Ages | None:
    """How old somebody born at `birth` was at `when`; None where that is not known closely."""
    between = birth.years_between(when, civil_zone())
    if between is None or birth.earliest is None or birth.latest is None:
        return None
    least, most = int(max(0.0, between[0])), int(max(0.0, between[1]))
    if between[1] < 0 or most - least > WIDEST_AGE_YEARS:
        return None
    return Ages(least, most)


def _birth_year(birth: PartialDate) -> int | None:
    bounds = birth.bounds(civil_zone())
    return bounds[0].year if bounds and bounds[0].year == bounds[1].year else None


def find_public(reference: str) -> Case:
    """The case whose card is up under `reference`, however it was typed.

    Raises Gone where a card was up once, NotFound otherwise.
    """
    named = Case.objects.filter(reference=references.normalise(reference))
    case = named.public().with_card().first()
    if case is not None:
        return case
    if named.filter(ever_public=True).exists():
        raise Gone
    raise NotFound
