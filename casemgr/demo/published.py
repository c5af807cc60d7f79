"""Puts the published, historical figures of casemgr/demo/data/published.json into a demo.

Operations are kept as `historical` and figures in a table of their own, so that nothing of them is
ever counted among the site's own. Loading twice changes nothing.
"""

import json
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from cases.models import Operation, PublishedFigure, Suspects

FILE: Final = Path(__file__).parent / "data" / "published.json"


@transaction.atomic
def load() -> None:
    """Bring the table of operations and the figures into the database, as they stand in the file.

    Values are trusted: the file is part of the code. Wholes stand in it before their parts.
    """
    content = json.loads(FILE.read_text(encoding="utf-8"))
    for row in content["operations"]:
        _load_operation(dict(row))
    for position, row in enumerate(content["figures"]):
        PublishedFigure.objects.update_or_create(
            code=row["code"], defaults={**row, "position": position}
        )


def _load_operation(row: dict[str, Any]) -> None:
    suspects, whole = row.pop("suspects"), row.pop("part_of", None)
    if whole is not None:
        row["part_of"] = Operation.objects.get(name=whole, historical=True)
    operation, _created = Operation.objects.update_or_create(
        name=row.pop("name"), historical=True, defaults=row
    )
    for kind, (count, note) in suspects.items():
        Suspects.objects.update_or_create(
            operation=operation, kind=kind, defaults={"count": count, "note": note}
        )
