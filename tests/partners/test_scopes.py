"""Each scope against each operation: what the matrix gives is open, all else says which would."""

from typing import Any

import pytest

from casemgr import api
from casemgr.platform.access import SCOPES
from casemgr.platform.rest.permissions import OpenToAll, program_scopes
from tests.api.helpers import BASE
from tests.cast import Cast

pytestmark = pytest.mark.django_db
SOMETHING = "0b0f0c5e-8a53-4f0c-9c0a-2f6f0f4f7a11"


def operations() -> list[tuple[str, str, Any]]:
    found = []
    for route in api.urlpatterns:
        address = str(route.pattern)
        for part in ("pk", "photo_id", "consent_id", "link_id", "review_id", "delivery_id"):
            address = address.replace(f"<uuid:{part}>", SOMETHING)
        view: Any = route.callback
        for method, action in (getattr(view, "actions", None) or {}).items():
            if method != "head":
                found.append((method, address, view.cls.access.get(action)))
    return found


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_opens_what_the_matrix_gives_it_and_no_more(scope: str, cast: Cast) -> None:
    client = cast.program.api(scope)
    opened = 0
    for method, address, declared in operations():
        if isinstance(declared, OpenToAll):
            continue
        wanted = program_scopes(declared)
        answer = getattr(client, method)(BASE + address, {}, format="json")
        in_json = "json" in answer.get("Content-Type", "")
        code = answer.json().get("code") if answer.content and in_json else None
        what = (scope, method, address, answer.status_code, code)
        if not wanted:
            assert (answer.status_code, code) == (404, "not_found"), what
        elif scope in wanted:
            opened += 1
            assert code != "insufficient_scope", what
            assert answer.status_code < 500, what
        else:
            assert (answer.status_code, code) == (403, "insufficient_scope"), what
            for named in wanted:
                assert named in answer.json()["detail"], what

    assert opened >= 2  # the public cards are open to every program
