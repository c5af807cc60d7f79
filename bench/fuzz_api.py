"""Schemathesis against the API of a throw-away house, as every scope and as people.

Needs requirements/fuzz.txt. Generated requests, valid and not, go to a real server on a database of
its own with the limits off; every answer is held against the schema. Exits with 1 on any finding of
a check but `positive_data_acceptance`, which is reported only: what the schema can't say (two dates
in order, a division that exists, an id of one's own) is refused too.

    python bench/fuzz_api.py --requests 50000
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.scratch import empty_house  # noqa: E402

if TYPE_CHECKING:
    from tests.cast import Cast

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
    "object_level_authorization",
)
REPORTED_ONLY = "positive_data_acceptance"
POLICIES = ["sightings", "photos", "receipts", "reads", "pictures", "sign_in", "tokens", "writes"]
SERVERS = 2
MANY = 10_000
CSRF = "c" * 32
CONFIG = Path(__file__).with_name("schemathesis.toml")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who a run asks as: the headers that say so, and what is asked for (nothing named: all)."""

    name: str
    headers: tuple[str, ...]
    operations: tuple[str, ...] = ()

    @property
    def by_cookie(self) -> bool:
        """Whether a session says who it is."""
        return any(header.startswith("Cookie:") for header in self.headers)


@dataclass(slots=True)
class Found:
    """Answers that each check was held against, and those that it refused."""

    held: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    told: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, asker: str, scenario: Mapping[str, Any]) -> None:
        """The checks of one scenario, as Schemathesis reports it."""
        recorder = scenario.get("recorder") or {}
        for checks in (recorder.get("checks") or {}).values():
            for check in checks:
                name = check["name"]
                self.held[name] += 1
                if check["status"] == "failure":
                    self.refused[name] += 1
                    failure = check["failure_info"]["failure"]
                    self.told.setdefault((name, failure["operation"]), f"{asker}: {failure}")

    @property
    def breaches(self) -> int:
        """What must not be: everything but what is reported only."""
        return sum(many for name, many in self.refused.items() if name != REPORTED_ONLY)


def setting() -> "Cast":
    """People and programs, with cases, sightings and a webhook to be found."""
    from casemgr.platform.vocabularies import CaseStatus
    from tests import factories
    from tests.cast import Cast

    cast = Cast()
    api = cast.program.api()
    for number in range(4):
        factories.file_case(cast, public=number % 2 == 0, in_hand_of=[cast.reviewer])
        filed = api.post(
            "/api/v1/cases/",
            {
                "child": {"sex": "female", "full_name": "林小满"},
                "missing_at": "2011",
                "external_ids": [{"system": "fuzz", "id": str(number)}],
            },
        ).json()
        api.post(f"/api/v1/cases/{filed['id']}/transitions/", {"to": CaseStatus.SUBMITTED})
        api.post("/api/v1/sightings/", {"kind": "street", "description": "a girl"})
    api.post("/api/v1/webhooks/", {"url": "https://example.org/x", "types": ["case.opened"]})
    return cast


def askers(cast: "Cast") -> Iterator[Asker]:
    """Programs with all scopes and with each alone, a reviewer, a guardian and nobody.

    With one scope alone only what it opens is asked for: all else is one refusal, which
    tests/partners/test_scopes.py holds. A token is taken when its turn comes: it ends soon.
    """
    from casemgr.platform.access import SCOPES

    yield Asker("all scopes", (f"Authorization: Bearer {cast.program.token()}",))
    for name in ("reviewer", "guardian"):
        session = getattr(cast, name).browser().cookies["sessionid"].value
        cookies = f"Cookie: sessionid={session}; csrftoken={CSRF}"
        yield Asker(name, (cookies, f"X-CSRFToken: {CSRF}"))
    for scope in SCOPES:
        bearer = f"Authorization: Bearer {cast.program.token(scope)}"
        yield Asker(scope, (bearer,), tuple(opened_by(scope)))
    yield Asker("nobody", (), tuple(opened_by(None)))


def opened_by(scope: str | None) -> Iterator[str]:
    """The ids of the operations that a scope, or (None) nobody at all, may ask for."""
    from casemgr.platform.rest.docs import schema_in

    wanted = {} if scope is None else {"program": [scope]}
    for methods in schema_in("en")["paths"].values():
        for operation in methods.values():
            if wanted in operation["security"]:
                yield operation["operationId"]


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, Path]]:
    """The site by gunicorn on a free port; its address, and the file with a line a request."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    lines = folder / "requests.log"
    gunicorn = [sys.executable, "-m", "gunicorn", "casemgr.wsgi", "--bind", f"127.0.0.1:{port}"]
    gunicorn += ["--workers", str(SERVERS), "--access-logfile", str(lines), "--log-level", "error"]
    gunicorn += ["--access-logformat", "%(s)s"]
    with (folder / "server.log").open("ab") as log:
        running = subprocess.Popen(gunicorn, cwd=ROOT, env=os.environ, stdout=log, stderr=log)
    site = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urlopen(f"{site}/api/v1/schema/", timeout=10).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.2)
        yield site, lines
    finally:
        running.terminate()
        running.wait(30)


def run(asker: Asker, site: str, folder: Path, *, many: bool, seed: int, found: Found) -> None:
    """One run of Schemathesis as one asker, over what that asker may do."""
    report = folder / "events.ndjson"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)]
    command += ["run", f"{site}/api/v1/schema/"]
    # Every value at its bounds (coverage) takes thousands of requests for one asker alone.
    command += ["--phases", ("examples,coverage," if many else "") + "fuzzing,stateful"]
    command += ["--max-examples", "1" if many else "5"]
    checks = [*CHECKS, REPORTED_ONLY]
    if asker.by_cookie:
        # Schemathesis can't leave out a cookie that it was told to send, and takes it for ignored.
        checks.remove("ignored_auth")
    command += ["--checks", ",".join(checks), "--seed", str(seed)]
    command += ["--report", "ndjson", "--report-ndjson-path", str(report)]
    for header in asker.headers:
        command += ["--header", header]
    for operation in asker.operations:
        command += ["--include-operation-id", operation]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    ended = False
    for line in report.open(encoding="utf-8") if report.exists() else ():
        event = json.loads(line)
        ended = ended or "EngineFinished" in event
        found.add(asker.name, event.get("ScenarioFinished") or {})
    if not ended:
        raise SystemExit(f"Schemathesis did not end:\n{ran.stdout[-3000:]}{ran.stderr[-3000:]}")


def answered(lines: Path) -> Counter[str]:
    """How many requests the server answered, by status."""
    return Counter(lines.read_text("ascii").split())


def summary(found: Found, statuses: Counter[str], seconds: float) -> None:
    """What is printed at the end."""
    print(f"\n{sum(statuses.values())} requests in {seconds:.0f} s, by status:", end=" ")
    print(", ".join(f"{status} {many}" for status, many in sorted(statuses.items())))
    print(f"{'check':30} {'held':>8} {'refused':>8}")
    for name in (*CHECKS, REPORTED_ONLY):
        only = "  (reported only)" if name == REPORTED_ONLY else ""
        print(f"{name:30} {found.held[name]:8} {found.refused[name]:8}{only}")
    for (name, _operation), words in found.told.items():
        if name != REPORTED_ONLY:
            print(f"{name}: {words}")
    errors = sum(many for status, many in statuses.items() if status >= "500")
    print(f"server errors: {errors}; breaches of the schema: {found.breaches}")


def main() -> int:
    """Print a summary; 1 where anything was found. Runs are whole, so a few more are asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    settings = {f"LIMIT_{policy.upper()}": "off" for policy in POLICIES}
    settings["ALLOWED_HOSTS"] = "127.0.0.1,testserver"
    found, seed = Found(), args.seed
    with empty_house(**settings) as folder, served(folder) as (site, lines):
        cast, began = setting(), time.monotonic()
        many = args.requests >= MANY
        while (done := answered(lines).total()) < args.requests:
            for asker in askers(cast):
                run(asker, site, folder, many=many, seed=seed, found=found)
                now = answered(lines).total()
                line = f"{asker.name:18} seed {seed}: {now - done:6} requests"
                print(f"{line}, {found.breaches} breaches so far", flush=True)
                done = now
                if many and done >= args.requests:
                    break
            seed += 1
        statuses = answered(lines)
        summary(found, statuses, time.monotonic() - began)
    return 1 if found.breaches or any(status >= "500" for status in statuses) else 0


if __name__ == "__main__":
    raise SystemExit(main())
