"""A partner's program in one file: token, first case, first sighting, and reading the feed.

    python examples/partner_client.py https://SITE CLIENT_ID CLIENT_SECRET

Needs nothing but Python. Everybody in it is invented. Run it twice: the second time it finds the
case that it filed the first time, and files no other.
"""

import json
import sys
import time
import uuid
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SYSTEM = "example"
OUR_CASE = "row-17"


class Homeward:
    """The API, with a token that is renewed before it runs out."""

    def __init__(self, site: str, client_id: str, secret: str) -> None:
        self.site = site.rstrip("/")
        self._credentials = {"client_id": client_id, "client_secret": secret}
        self._token, self._until = "", 0.0

    def get(self, path: str) -> Any:
        """What is at a path, or at a whole address from `next`."""
        return self._ask("GET", path)

    def post(self, path: str, body: Any, *, key: str = "") -> Any:
        """Send something once: a lost answer is asked for again under the same key."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self._ask("POST", path, body, headers)

    def _ask(self, method: str, path: str, body: Any = None, headers: Any = None) -> Any:
        address = path if path.startswith("http") else f"{self.site}/api/v1/{path}"
        request = Request(  # noqa: S310 - the site that the caller named
            address,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._fresh_token()}",
                "Content-Type": "application/json",
                **(headers or {}),
            },
        )
        for wait in (1, 5, 0):
            try:
                with urlopen(request, timeout=30) as answer:  # noqa: S310
                    return json.load(answer)
            except HTTPError as refused:
                if refused.code not in (429, 503) or not wait:
                    raise SystemExit(refused.read().decode()) from None
                time.sleep(int(refused.headers.get("Retry-After", wait)))
        raise AssertionError("the last try returns or raises")

    def _fresh_token(self) -> str:
        if time.monotonic() > self._until - 60:
            form = {"grant_type": "client_credentials", **self._credentials}
            request = Request(  # noqa: S310
                f"{self.site}/oauth/token/", data=urlencode(form).encode(), method="POST"
            )
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                given = json.load(answer)
            self._token = given["access_token"]
            self._until = time.monotonic() + given["expires_in"]
        return self._token


def main(site: str, client_id: str, secret: str) -> None:
    """File a case and a sighting, then read what happened."""
    homeward = Homeward(site, client_id, secret)
    known = homeward.get(f"cases/?external_ids={SYSTEM}:{OUR_CASE}")["results"]
    if known:
        case = known[0]
        print(f"Found our case {case['reference']}")
    else:
        case = homeward.post(
            "cases/",
            {
                "public_name": "小满",
                "child": {"sex": "female", "full_name": "林小满", "birth_date": "2006-05-21"},
                "missing_at": "2011年夏天",
                "missing_from": {"text": "西山区一个集市", "division_code": "530112"},
                "external_ids": [{"system": SYSTEM, "id": OUR_CASE}],
            },
            key=f"case {OUR_CASE}",
        )
        print(f"Filed case {case['reference']}")
        homeward.post(f"cases/{case['id']}/guardians/", {"relation": "mother"})
        case = homeward.post(f"cases/{case['id']}/transitions/", {"to": "submitted"})
    print(f"Its status is {case['status']}")

    sighting = homeward.post(
        "sightings/",
        {
            "kind": "street",
            "seen_at": "yesterday around noon",
            "place": {"text": "square before the railway station", "division_code": "440300"},
            "description": "A girl of about six, selling flowers.",
        },
    )
    print(f"Sent a sighting, with the receipt {sighting['receipt']}")

    page = homeward.get("events/")
    for event in page["results"]:
        print(f"{event['occurred_at']} {event['type']} {event['data']}")
    print(f"Next time, go on from {page['next'][:60]}…")


if __name__ == "__main__":
    main(*sys.argv[1:4])
