"""A kept generator makes a client of the schema, and that client works with the site."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cases.models import Case
from searches.models import Sighting
from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from uuid import uuid4

import httpx
from homeward import AuthenticatedClient
from homeward.api.cases import cases_create, cases_list
from homeward.api.sightings import sightings_create
from homeward.models import CaseRequest, ChildRequest, SightingFieldsRequest, SightingKindCode
from homeward.models import SexCode

site, client_id, secret = sys.argv[1:]
given = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
token = httpx.post(f"{site}/oauth/token/", data=given, timeout=60).json()["access_token"]
client = AuthenticatedClient(base_url=site, token=token, timeout=httpx.Timeout(60))
child = ChildRequest(sex=SexCode.FEMALE, full_name="林小满")
filed = cases_create.sync(
    client=client, body=CaseRequest(child=child, missing_at="2011"), idempotency_key=str(uuid4())
)
print("filed", filed.reference, filed.child.full_name)
print("listed", *[case.reference for case in cases_list.sync(client=client).results])
told = sightings_create.sync(
    client=client,
    body=SightingFieldsRequest(kind=SightingKindCode.STREET, description="A girl."),
)
print("told", told.id)
"""


@pytest.mark.django_db(transaction=True)
def test_a_generated_client_takes_a_token_files_lists_and_tells(
    cast: Cast, live_server: Any, tmp_path: Path
) -> None:
    generator = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    schema = ["--path", str(ROOT / "docs" / "openapi.yaml")]
    made = ["--output-path", str(tmp_path / "homeward")]
    _run([*generator, *schema, *made], tmp_path)
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    program = cast.program
    given = [live_server.url, program.client.client_id, program.secret]

    said = _run([sys.executable, "program.py", *given], tmp_path).splitlines()

    case = Case.objects.get()
    assert said == [
        f"filed {case.reference} 林小满",
        f"listed {case.reference}",
        f"told {Sighting.objects.get().pk}",
    ]


def _run(command: list[str], where: Path) -> str:
    ran = subprocess.run(
        command, cwd=where, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
