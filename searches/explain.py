"""Evidence in the reader's language. `matching/phrases` tells what a param may be."""

from collections.abc import Mapping
from typing import Final, Protocol

from django.db.models import Choices
from django.utils.translation import get_language, gettext

from casemgr.platform import vocabularies
from casemgr.platform.text.terms import forms_of
from searches.matching import phrases
from searches.matching.types import Param

VOCABULARIES: Final[Mapping[str, type[Choices]]] = {
    "sex": vocabularies.Sex,
    "mark_kind": vocabularies.MarkKind,
    "body_part": vocabularies.BodyPart,
    "side": vocabularies.Side,
}


class Explained(Protocol):
    """What explaining reads of a line of evidence, stored or freshly judged."""

    @property
    def reason(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Param]: ...


def explain(evidence: Explained) -> str:
    """One sentence on why the line weighs what it weighs, in the active language."""
    chinese = _in_chinese()
    return phrases.fill(
        evidence.reason,
        evidence.params,
        translate=gettext,
        label=label,
        joiner="、" if chinese else ", ",
        tight_joiner="" if chinese else " ",
    )


def label(vocabulary: str, code: str) -> str:
    """A code's label in the active language; the code itself where nobody has named it."""
    if vocabulary == "term":
        forms = forms_of(f"t:{code}").get("zh-hans" if _in_chinese() else "en", ())
        return forms[0] if forms else code
    named = VOCABULARIES.get(vocabulary)
    if named is None or code not in named.values:
        return code
    return str(named(code).label)


def _in_chinese() -> bool:
    return (get_language() or "").startswith("zh")
