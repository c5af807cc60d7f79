"""Lists with some fields alone: `?fields=id,status` answers those of each row and not the rest.

What a row says is worked out and audited as always; only what is sent gets less.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from casemgr.platform.rest.problems import refuse_parameter

FIELDS: Final = "fields"
PARAMETER: Final = {
    "name": FIELDS,
    "in": "query",
    "description": "Which fields of each row are wanted, by name, with commas; all by default.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 1_000},
}


def wanted(request: Request, shapes: Iterable[type[Any]]) -> frozenset[str] | None:
    """The names that are asked for, None for all; a 400 for one that no row of `shapes` has."""
    text = request.query_params.get(FIELDS)
    if text is None:
        return None
    known = {
        name for shape in shapes for name, field in shape().fields.items() if not field.write_only
    }
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            words = _("There is no field %(name)s here. Known are: %(known)s.") % {
                "name": repr(name[:60]),
                "known": ", ".join(sorted(known)),
            }
            raise refuse_parameter(FIELDS, "unknown_field", words)
    return frozenset(names)


def only(rows: Sequence[Mapping[str, Any]], names: frozenset[str] | None) -> Sequence[Any]:
    """Of each row what is named; a row that has no such field leaves it out."""
    if names is None:
        return rows
    return [{name: value for name, value in row.items() if name in names} for row in rows]
