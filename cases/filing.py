"""New cases, one or very many at a time, by one way for the API, the report page and imports."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, names, references, text
from casemgr.platform.access import Action, Actor, Group, can
from casemgr.platform.errors import Conflict, Forbidden
from casemgr.platform.persons import mark_tokens
from cases import rules
from cases.card_index import card_tokens
from cases.models import Case, Child, ChildMark, ExternalId
from families.models import Family, Guardian

MARK_FIELDS = ("kind", "body_part", "side", "text", "public")


@dataclass(frozen=True, slots=True)
class Filing:
    """The facts of one new case, as `cases.serializers.split` gives them."""

    case: Mapping[str, Any]
    child: Mapping[str, Any]
    marks: Sequence[Mapping[str, Any]] = ()
    external_ids: Sequence[Mapping[str, str]] = ()


@transaction.atomic
def file_cases(
    *,
    actor: Actor,
    filings: Sequence[Filing],
    families: Sequence[Family] | None = None,
    kept_back: bool = False,
) -> list[Case]:
    """New drafts, in the order of `filings`, all or none; `families` are theirs, else made here.

    Kept back, they are nobody's: no actor has any relation to them until `release` says whose they
    are. Raises Invalid for facts that can't be, Conflict for an external id that the partner has
    given to another case.
    """
    by_program = actor.program is not None and can(actor, Action.CREATE, Group.CASE_DETAIL)
    if actor.user is None and not by_program:
        raise Forbidden
    for filing in filings:
        rules.check_case(filing.case, filing.child)
    partner_id = None if kept_back else actor.partner_id
    homes = _new_families(actor, len(filings)) if families is None else families
    made = []
    for filing, family, reference in zip(
        filings, homes, unused_references(len(filings)), strict=True
    ):
        facts = {**filing.case, **({"alliance": None} if kept_back else {})}
        case = Case(family=family, reference=reference, partner_id=partner_id, **facts)
        child = Child(case=case, **filing.child)
        if not child.name_pinyin and child.full_name:
            child.name_pinyin = name_pinyin(child.full_name)
        marks = [new_mark(child, mark) for mark in filing.marks]
        index(case, marks)
        made.append((case, child, marks, new_external_ids(case, filing.external_ids)))
    cases = Case.objects.bulk_create([case for case, *_rest in made])
    Child.objects.bulk_create([child for _case, child, *_rest in made])
    ChildMark.objects.bulk_create([mark for *_rest, marks, _ids in made for mark in marks])
    add_external_ids([each for *_rest, ids in made for each in ids])
    if not kept_back:
        audit.record(actor, Action.CREATE, "case", [case.pk for case in cases], groups=_GROUPS)
    return cases


_GROUPS = (Group.CASE_DETAIL,)


def _new_families(actor: Actor, count: int) -> list[Family]:
    """A family for each, which a person who files speaks for; filing proves nothing about them."""
    families = Family.objects.bulk_create([Family() for _number in range(count)])
    if actor.user is not None:
        Guardian.objects.bulk_create(
            [Guardian(family=family, user=actor.user) for family in families]
        )
    return families


def new_mark(child: Child, mark: Mapping[str, Any]) -> ChildMark:
    """A mark that is not stored yet."""
    return ChildMark(child=child, **{k: v for k, v in mark.items() if k in MARK_FIELDS})


def new_external_ids(case: Case, pairs: Iterable[Mapping[str, str]]) -> list[ExternalId]:
    """The case's ids elsewhere, not stored yet."""
    return [
        ExternalId(case=case, partner_id=case.partner_id, system=pair["system"], value=pair["id"])
        for pair in pairs
    ]


def add_external_ids(rows: Sequence[ExternalId]) -> None:
    """Store ids; raises Conflict for one that the partner has given to another case."""
    try:
        with transaction.atomic():
            ExternalId.objects.bulk_create(rows)
    except IntegrityError:
        words = _("You have given this external id to another case.")
        raise Conflict("external_id_taken", words) from None


def unused_references(count: int, proposed: Iterator[str] | None = None) -> list[str]:
    """References that no case has: among a million, one in six hundred is drawn twice."""
    drawn = proposed or iter(references.generate, "")
    found: list[str] = []
    while len(found) < count:
        wanted = list(dict.fromkeys(islice(drawn, count - len(found))))
        if not wanted:
            raise LookupError("every proposed reference is taken")
        taken = set(
            Case.objects.filter(reference__in=wanted).values_list("reference", flat=True)
        ) | set(found)
        found += [each for each in wanted if each not in taken]
    return found


def name_pinyin(full_name: str) -> str:
    """How a full name sounds, in Latin letters without tones."""
    return " ".join(names.forms(full_name).sound)[:200]


def index(case: Case, marks: Sequence[ChildMark] | None = None) -> None:
    """Set the tokens under which a case and its card are found; stores nothing.

    `marks` are those of a case that is not stored yet.
    """
    case.tokens = search_tokens(case, marks)
    case.card_tokens = card_tokens(case)


def search_tokens(case: Case, marks: Sequence[ChildMark] | None = None) -> list[str]:
    """Words and name keys by which a case is found; withheld facts are never read."""
    child = case.child
    marks = list(child.marks.all()) if marks is None else marks
    parts = [
        *child.names(),
        child.clothing,
        child.description,
        case.story,
        case.missing_from.text,
        *child.languages,
        *(mark.text for mark in marks),
    ]
    words = text.tokens("\n".join(part for part in parts if part))
    keys = frozenset().union(*(names.name_keys(name) for name in child.names()))
    return sorted(words | keys | mark_tokens(marks))
