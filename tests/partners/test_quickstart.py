"""The quickstart of docs/partners/README.md, run line by line against the site."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casemgr.platform.partners import feed
from tests.cast import Cast
from tests.factories import work_off
from tests.partners.test_example import ROOT, quickstart, unused_port

__all__ = ["unused_port"]

Block = tuple[str, str]
"""A fenced block: its language and its text."""
ENDED = "-- this block has ended --"


def blocks() -> list[Block]:
    """The fenced blocks of the quickstart, in order."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", quickstart(), re.MULTILINE | re.DOTALL)


def documents(printed: str) -> list[Any]:
    """The JSON objects in what was printed, which may follow each other without a break."""
    found, decoder, at = [], json.JSONDecoder(), printed.find("{")
    while at >= 0:
        try:
            document, after = decoder.raw_decode(printed, at)
            found.append(document)
        except ValueError:
            after = at + 1
        at = printed.find("{", after)
    return found


def fits(shown: Any, answer: Any) -> bool:
    """Whether an answer is what the page shows of it: other fields may be there too."""
    if isinstance(shown, dict):
        inside = isinstance(answer, dict) and shown.keys() <= answer.keys()
        return inside and all(fits(shown[name], answer[name]) for name in shown)
    if isinstance(shown, list):
        both = isinstance(answer, list) and len(answer) >= len(shown)
        return both and all(map(fits, shown, answer))
    if isinstance(shown, str) and "…" in shown:
        return re.fullmatch(re.escape(shown).replace("…", ".+"), str(answer)) is not None
    return bool(shown == answer)


class Shell:
    """One shell for all blocks, with the site's workers going on beside it."""

    def __init__(self, folder: Path) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.running = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env={**os.environ, "PATH": path, "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.running.stdout is not None
        os.set_blocking(self.running.stdout.fileno(), False)

    def says(self, lines: str) -> str:
        """What a block prints."""
        assert self.running.stdin is not None
        assert self.running.stdout is not None
        self.running.stdin.write(f"{lines}\necho; echo '{ENDED}'\n".encode())
        self.running.stdin.flush()
        printed = b""
        while ENDED.encode() not in printed:
            assert self.running.poll() is None, printed
            for handler in ("cases.feed", feed.DELIVER):
                work_off(handler)
            printed += self.running.stdout.read() or b""
        return printed.decode().replace(ENDED, "")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    shell = Shell(tmp_path)
    yield shell
    shell.running.communicate(b"kill $(jobs -p) 2>/dev/null; exit\n", timeout=20)


@pytest.mark.django_db(transaction=True)
def test_every_line_works_and_answers_what_the_page_says(
    cast: Cast, live_server: Any, settings: Any, shell: Shell, tmp_path: Path, unused_port: int
) -> None:
    settings.WEBHOOKS_LOCAL = True
    given = {
        r"^SITE=.*$": f"SITE={live_server.url}",
        r"^ID=.*$": f"ID={cast.program.client.client_id}",
        r"^SECRET=.*$": f"SECRET={cast.program.secret}",
        r"^python3 -m pip install .*\n": "",
        r"\b9000\b": str(unused_port),
    }
    printed, said, kinds = "", "", []
    for kind, text in blocks():
        kinds.append(kind)
        if kind in ("sh", "python"):
            for old, new in given.items():
                text = re.sub(old, new, text, flags=re.MULTILINE)
        if kind == "python":
            (tmp_path / "receiver.py").write_text(text, encoding="utf-8")
        elif kind == "sh":
            printed = shell.says(text)
            said += printed
        elif kind == "json":
            answers = iter(documents(printed))
            for line in text.replace("9000", str(unused_port)).splitlines():
                assert any(fits(json.loads(line), each) for each in answers), (line, printed)
        else:
            pattern = re.escape(text.rstrip()).replace("…", ".*").replace("\\\n", "(?s:.*)")
            assert re.search(pattern, printed), (pattern, printed)

    assert kinds.count("json") >= 6
    assert "webhook.test {}" in said, "the receiver took the test"
    assert said.count("webhook.test") == 1, "and passed over the replay"
