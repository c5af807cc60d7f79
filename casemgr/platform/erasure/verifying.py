"""The search after erasing: every column of every table, and the files, for what was a subject's.

What is looked for is its alone by construction: ids of its rows, names of its files, and the
strings that its parts call their own. Words that two people may both have used are not: finding
them would say nothing. That erasing leaves no word either is what `make erase-proof` shows.
"""

from collections.abc import Iterable
from typing import Final

from django.core.files.storage import storages
from django.db import connection, transaction
from django.db.models.functions import Now

from casemgr.platform.erasure.letters import letters
from casemgr.platform.erasure.models import Erasure, State
from casemgr.platform.erasure.parts import Holdings, holdings_of

# These name the erased on purpose: the ledger and its steps. Harmful images keep their photo's id
# and hash, so that nobody can upload them again.
NAMED_ON_PURPOSE: Final = frozenset(
    {
        "platform_erasure",
        "platform_erasureline",
        "platform_legalhold",
        "cases_harmfulimage",
    }
)
BATCH: Final = 100
_ID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID_OR_FILE: Final = f"({_ID}|(?:originals|derivatives)/[0-9a-z/.]+)"

Found = dict[str, dict[str, int]]


def verify_erased() -> dict[str, int]:
    """Search once for all that was erased and not verified yet; how many came to which end.

    `again`: rows had come back, by a write that was under way, and are erased once more.
    """
    pending = list(Erasure.objects.filter(state=State.ERASED).order_by("erased_at")[:BATCH])
    counts = {"verified": 0, "again": 0, "residue": 0}
    held = {erasure.pk: Holdings.load(erasure.holdings) for erasure in pending}
    found = search({needle for holdings in held.values() for needle in needles(holdings)})
    for erasure in pending:
        counts[_conclude(erasure, held[erasure.pk], found)] += 1
    return counts


def needles(holdings: Holdings) -> set[str]:
    """What may be nowhere once this is erased."""
    ids = {str(key) for key in holdings.ids - holdings.kept}
    return ids | holdings.files | holdings.needles


def _conclude(erasure: Erasure, held: Holdings, found: Found) -> str:
    with transaction.atomic():
        is_back = bool(holdings_of(erasure.kind, erasure.subject).ids)
    rows = Erasure.objects.filter(pk=erasure.pk, state=State.ERASED)
    if is_back:
        rows.update(state=State.HIDDEN, due_at=Now())
        return "again"
    residue: dict[str, int] = {}
    for needle in needles(held):
        for where, count in found.get(needle, {}).items():
            residue[where] = residue.get(where, 0) + count
    if residue:
        rows.update(residue=residue)
        return "residue"
    rows.update(state=State.VERIFIED, verified_at=Now(), holdings="", residue={})
    return "verified"


def search(wanted: Iterable[str]) -> Found:
    """Where each wanted string is: {string: {table, or 'files': how often}}."""
    strings = set(wanted)
    files = {each for each in strings if "/" in each}
    words = {each for each in strings - files if not _is_id(each)}
    tokens = sorted(strings - words)
    found: Found = {}
    if not strings:
        return found
    for table in connection.introspection.table_names():
        if table in NAMED_ON_PURPOSE:
            continue
        hits = _tokens_in(table, tokens)
        hits += [(word, count) for word in sorted(words) if (count := _word_in(table, word))]
        for needle, count in hits:
            found.setdefault(needle, {})[table] = count
    for _path, text in letters():
        for word in words:
            if word in text:
                found.setdefault(word, {})["letters"] = 1
    for name in files:
        if storages["private"].exists(name):
            found.setdefault(name, {})["files"] = 1
    return found


def _is_id(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def _tokens_in(table: str, tokens: list[str]) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT token[1], count(*) FROM {_quoted(table)} AS t,"  # noqa: S608 - a table's name
            " regexp_matches(t::text, %s, 'g') AS token WHERE token[1] = ANY(%s) GROUP BY 1",
            [_ID_OR_FILE, tokens],
        )
        return list(cursor.fetchall())


def _word_in(table: str, word: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {_quoted(table)} AS t"  # noqa: S608 - a table's own name
            " WHERE position(%s in t::text) > 0",
            [word],
        )
        return int(cursor.fetchone()[0])


def _quoted(table: str) -> str:
    return str(connection.ops.quote_name(table))
