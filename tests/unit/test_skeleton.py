"""What stands around the code: locks, image, documents. Each claim is held against its source."""

import ast
import os
import re
import secrets
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
import yaml
from cryptography.fernet import Fernet
from django.db.models import TextChoices

from casemgr.periods import Periods
from casemgr.platform.vocabularies import (
    Band,
    CaseStatus,
    MatchStatus,
    PhotoQuality,
    PhotoShows,
    PhotoStatus,
    ReviewDecision,
    Sex,
    SightingKind,
)

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["base", "bench", "dev", "production"]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
# Licences that somebody looked at and that an Apache-2.0 service may stand on.
LICENCES = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "LGPL-3.0-only",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Zlib",
}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def normal(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def direct_dependencies() -> set[str]:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extras = project["optional-dependencies"].values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return {normal(re.split(r"[\[<>=~!; ]", line, maxsplit=1)[0]) for line in lines}


def locked(name: str) -> set[str]:
    return {normal(found) for found in re.findall(r"^([\w.-]+)==", read(name), re.MULTILINE)}


def rows(name: str, heading: str = "") -> dict[str, list[str]]:
    """The table rows of a document, below `heading`: first cell to the others."""
    text = read(name)
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text[text.index(heading) :].splitlines()
        if line.startswith("|") and not line.startswith("|--")
    ]
    return {row[0]: row[1:] for row in cells}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_requirement_has_an_exact_version_and_hashes(lock: str) -> None:
    text = read(f"requirements/{lock}.txt").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]

    assert len(lines) > 30
    assert [
        line for line in lines if not re.match(r"^[\w.\[\]-]+==\S+ .*--hash=sha256:", line)
    ] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_package_index(lock: str) -> None:
    assert re.findall(r"index-url|find-links|://", read(f"requirements/{lock}.txt")) == []


@pytest.mark.parametrize("lock", ["bench", "dev", "production"])
def test_every_lock_agrees_with_what_the_demo_installs(lock: str) -> None:
    def versions(name: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        text = read(f"requirements/{name}.txt")
        for package, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE):
            found.setdefault(package, set()).add(version)
        return found

    other = versions(lock)
    assert {name: other.get(name) for name in versions("base")} == versions("base")


def test_every_direct_dependency_has_its_line() -> None:
    named = set(rows("docs/dependencies.md")) - {"package", "image"}
    packages = {name for name in named if ":" not in name}

    assert packages == direct_dependencies()


def test_every_image_in_compose_has_its_line() -> None:
    services = yaml.safe_load(read("docker-compose.yml"))["services"].values()
    images = {service["image"] for service in services} - {"homeward:local"}

    assert images <= set(rows("docs/dependencies.md"))


def test_every_installed_package_has_a_licence_that_somebody_looked_at() -> None:
    text = read("docs/licences.md")
    table = text[: text.index("## Carried inside")]
    listed = dict(re.findall(r"^\| ([\w.-]+) \| ([^|]+) \|$", table, re.MULTILINE))
    del listed["package"]

    assert set(listed) == locked("requirements/base.txt") | locked("requirements/production.txt")
    parts = {part for licence in listed.values() for part in re.split(r" (?:AND|OR) ", licence)}
    assert parts <= LICENCES


def test_compose_starts_with_no_password_that_is_written_down() -> None:
    text = read("docker-compose.yml")
    secret = re.compile(r"^\s*(\w*(?:PASS|PASSWORD|KEY|KEYS))\s*:\s*(.*)$", re.MULTILINE)
    inside_address = re.findall(r"://[^:/\s]+:([^@\s]+(?: [^@]*)?)@", text)

    found = secret.findall(text)
    assert len(found) >= 8
    for value in [*(value for _name, value in found), *inside_address]:
        assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), value


def test_the_example_environment_names_every_variable_and_holds_no_secret() -> None:
    wanted = set(re.findall(r"\$\{(\w+)", read("docker-compose.yml")))
    required = set(re.findall(r"\$\{(\w+):\?", read("docker-compose.yml")))
    example = dict(re.findall(r"^(\w+)=(.*)$", read(".env.example"), re.MULTILINE))

    assert set(example) == wanted
    assert {name: example[name] for name in required} == dict.fromkeys(required, "")


def test_the_example_environment_gives_every_period_its_default() -> None:
    example = dict(re.findall(r"^(RETENTION_\w+)=(.*)$", read(".env.example"), re.MULTILINE))

    assert example == {
        f"RETENTION_{field.name.upper()}_DAYS": str(getattr(Periods(), field.name).days)
        for field in fields(Periods)
    }


def test_every_container_of_ours_runs_without_root_or_new_privileges() -> None:
    compose = yaml.safe_load(read("docker-compose.yml"))["services"]
    ours = [service for service in compose.values() if service["image"] == "homeward:local"]

    assert len(ours) == 6
    assert all(service["cap_drop"] == ["ALL"] and service["read_only"] for service in ours)
    assert re.findall(r"^USER (.+)$", read("Dockerfile"), re.MULTILINE) == ["10001:10001"]


def test_the_settings_take_what_the_image_is_built_with(tmp_path: Path) -> None:
    step = re.search(
        r"HOMEWARD_ENV=production(?: .*?)?python manage\.py (collectstatic.*?)$",
        read("Dockerfile"),
        re.MULTILINE | re.DOTALL,
    )
    assert step is not None
    given = dict(re.findall(r"^\s*(?:&& )?([A-Z_]+)=(\S+) \\$", step[0], re.MULTILINE))
    given |= {
        "HOMEWARD_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "STATIC_ROOT": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", *step[1].split()],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "staticfiles.json").is_file()


def test_every_make_command_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    phony = set(re.search(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)[1].split())  # type: ignore[index]
    sources = [*DOCUMENTS, ROOT / ".ci/run", ROOT / ".github/workflows/ci.yml"]
    named = {
        target
        for source in sources
        for target in re.findall(r"(?:`|^|run: |step )make ([a-z-]+)", source.read_text(), re.M)
    }

    assert targets == phony
    assert {"demo", "demo-check", "test", "check"} <= named
    assert named <= targets


def test_the_two_continuous_checks_run_the_same_targets() -> None:
    public = set(re.findall(r"- run: make ([a-z-]+)", read(".github/workflows/ci.yml")))
    own = set(re.findall(r"step make ([a-z-]+)", read(".ci/run")))

    assert public == own


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{document.name}: {target}"
        for document in DOCUMENTS
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", document.read_text("utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    ]

    assert broken == []


def test_every_variable_that_the_readme_names_is_read_by_the_settings() -> None:
    named = set(re.findall(r"`([A-Z][A-Z0-9_]{4,})(?:=\w+)?`", read("README.md"))) - {"LANGUAGES"}
    settings = ast.parse(read("casemgr/settings.py"))
    known = {
        node.value
        for node in ast.walk(settings)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert len(named) >= 8
    assert named <= known


@pytest.mark.parametrize(
    ("field", "codes"),
    [
        ("sex", Sex),
        ("kind", SightingKind),
        ("band", Band),
        ("status", MatchStatus),
        ("status", PhotoStatus),
        ("quality", PhotoQuality),
        ("shows", PhotoShows),
        ("decision", ReviewDecision),
    ],
)
def test_the_written_contract_lists_the_codes_that_the_program_knows(
    field: str, codes: type[TextChoices]
) -> None:
    contract = read("docs/api.md")
    lists = re.findall(rf"`{field}` \(((?:`\w+`,? ?)+)", contract)

    assert set(codes.values) in [set(re.findall(r"\w+", listed)) for listed in lists]


def test_the_written_contract_lists_the_statuses_of_a_case() -> None:
    sentence = re.search(r"^`status`: (.*?) from any\.", read("docs/api.md"), re.MULTILINE)

    assert sentence is not None
    assert set(re.findall(r"`(\w+)`", sentence[1])) == set(CaseStatus.values)


def test_nothing_in_the_repository_is_a_compiled_catalogue_or_a_secret_file() -> None:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert [name for name in names if name.endswith((".mo", ".pyc", ".pem", ".key"))] == []
    assert ".env" not in names
