"""Lighthouse on a page, as its mobile profile sees it, from npm where there is Node."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from tests.browser import chromium

VERSION: Final = "12.2.3"
LIMITS: Final[Mapping[str, int]] = {"performance": 95, "accessibility": 100, "best-practices": 100}
"""The least that each category has to reach."""
RUNS: Final = 3
WITHOUT: Final = "no Node and npm here: Lighthouse was left out"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Lighthouse makes of a page: scores by category, and the audits that cost points."""

    page: str
    scores: Mapping[str, int]
    lost: tuple[str, ...]
    kilobytes: int

    @property
    def good(self) -> bool:
        """Whether each category reaches its limit."""
        return all(self.scores[category] >= least for category, least in LIMITS.items())


def command() -> list[str] | None:
    """How to call it, installed below var/ if it was not there yet; None without Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    folder = Path(settings.BASE_DIR) / "var" / "lighthouse"
    program = folder / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.exists():
        wanted = [f"--prefix={folder}", "--no-audit", "--no-fund", f"lighthouse@{VERSION}"]
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "install", "--loglevel=error", *wanted], check=True, timeout=600)
    return [node, str(program)]


def judge(name: str, url: str, called: list[str]) -> Verdict:
    """The run in the middle of several by performance, since the machine has other work too."""
    runs = sorted((_run(name, url, called) for _each in range(RUNS)), key=_performance)
    return runs[RUNS // 2]


def _performance(verdict: Verdict) -> int:
    return verdict.scores["performance"]


def _run(name: str, url: str, called: list[str]) -> Verdict:
    flags = ["--headless=new", *chromium.FLAGS]
    told = subprocess.run(
        [
            *called,
            url,
            "--quiet",
            "--output=json",
            f"--only-categories={','.join(LIMITS)}",
            f"--chrome-flags={' '.join(flags)}",
        ],
        env={**os.environ, "CHROME_PATH": chromium.found() or ""},
        capture_output=True,
        check=True,
        timeout=300,
    )
    found: dict[str, Any] = json.loads(told.stdout)
    scores = {each: round(100 * (found["categories"][each]["score"] or 0)) for each in LIMITS}
    weighed = [audit for each in LIMITS for audit in found["categories"][each]["auditRefs"]]
    audits = found["audits"]
    lost = [
        f"{audit['id']} {audits[audit['id']].get('displayValue', '')}".strip()
        for audit in weighed
        if audit["weight"]
        and (audits[audit["id"]]["score"] or 0) < 0.9
        and audits[audit["id"]]["scoreDisplayMode"] not in ("notApplicable", "manual")
    ]
    weight = audits["total-byte-weight"]["numericValue"]
    return Verdict(name, scores, tuple(dict.fromkeys(lost)), round(weight / 1024))
