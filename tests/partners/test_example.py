"""The documents' own programs work: the example client, and the receiver of the quickstart."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from casemgr.platform.partners.sending import send
from casemgr.platform.partners.signing import headers, new_secret
from cases.models import Case
from searches.models import Sighting
from tests.cast import Cast
from tests.factories import work_off

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "partner_client.py"


def quickstart() -> str:
    """The chapter of the partners' page that is copied line by line."""
    page = (ROOT / "docs" / "partners" / "README.md").read_text("utf-8")
    return page.partition("## In an hour\n")[2].partition("\n## ")[0]


@pytest.mark.django_db(transaction=True)
def test_the_example_client_files_its_case_once_and_reads_the_feed(
    cast: Cast, live_server: Any
) -> None:
    given = [live_server.url, cast.program.client.client_id, cast.program.secret]
    said = []
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, str(EXAMPLE), *given],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        said.append(ran.stdout)
        work_off("cases.feed")

    case = Case.objects.get()
    assert (case.status, case.partner) == ("submitted", cast.partner)
    assert f"Filed case {case.reference}\nIts status is submitted\n" in said[0]
    assert f"Found our case {case.reference}\n" in said[1]
    assert "case.updated" in said[1]
    assert Sighting.objects.count() == 2


def test_the_quickstarts_receiver_takes_what_we_sign_and_nothing_else(
    tmp_path: Path, settings: Any, unused_port: int
) -> None:
    settings.WEBHOOKS_LOCAL = True
    secret = new_secret()
    [program] = re.findall(r"```python\n(.*?)```", quickstart(), re.DOTALL)
    assert len([line for line in program.splitlines() if line]) <= 20
    program = program.replace("9000", str(unused_port))
    (tmp_path / "receiver.py").write_text(program, encoding="utf-8")
    running = subprocess.Popen([sys.executable, str(tmp_path / "receiver.py"), secret])
    url, body = f"http://127.0.0.1:{unused_port}/", b'{"type":"webhook.test","data":{}}'
    try:
        signed = headers("msg_1", int(time.time()), body, [secret])
        for _ in range(50):
            answer = send(url, body, signed)
            if answer.outcome == "answered":
                break
            time.sleep(0.1)
        assert answer.status == 204
        forged = headers("msg_2", int(time.time()), body, [new_secret()])
        assert send(url, body, forged).status == 401
    finally:
        running.terminate()
        running.wait(10)


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
