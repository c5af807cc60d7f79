"""What each app knows of a subject: how to hide it, what it holds of it, how to erase it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from uuid import UUID

from django.db import models

from casemgr.platform.erasure.models import Kind, Why


@dataclass(frozen=True, slots=True)
class Holdings:
    """What there is of a subject.

    `ids`: of its rows. `files`: names in the private storage. `needles`: other strings that are
    its alone and may be nowhere afterwards. `kept`: ids of rows that stay as an empty shell.
    """

    ids: frozenset[UUID] = field(default_factory=frozenset)
    files: frozenset[str] = field(default_factory=frozenset)
    needles: frozenset[str] = field(default_factory=frozenset)
    kept: frozenset[UUID] = field(default_factory=frozenset)

    def __or__(self, other: "Holdings") -> "Holdings":
        return Holdings(
            ids=self.ids | other.ids,
            files=self.files | other.files,
            needles=self.needles | other.needles,
            kept=self.kept | other.kept,
        )

    def dump(self) -> str:
        """As JSON, in one order."""
        return json.dumps(
            {
                "ids": sorted(str(key) for key in self.ids),
                "files": sorted(self.files),
                "needles": sorted(self.needles),
                "kept": sorted(str(key) for key in self.kept),
            }
        )

    @classmethod
    def load(cls, text: str) -> "Holdings":
        """What `dump` wrote; '' is nothing."""
        data = json.loads(text or "{}")
        return cls(
            ids=frozenset(UUID(key) for key in data.get("ids", ())),
            files=frozenset(data.get("files", ())),
            needles=frozenset(data.get("needles", ())),
            kept=frozenset(UUID(key) for key in data.get("kept", ())),
        )

    def digest(self) -> str:
        """SHA-256 (hex) of the ids and file names: what the ledger says of the content."""
        names = sorted(str(key) for key in self.ids) + sorted(self.files)
        return hashlib.sha256("\n".join(names).encode()).hexdigest()


class Part(Protocol):
    """One app's share in a subject. All is called in a transaction, and may be called again."""

    @property
    def model(self) -> type[models.Model]:
        """Whose rows these are; the lowest part's are the subjects themselves."""

    def hide(self, subject: UUID, *, fully: bool) -> None:
        """Take it out of sight. Not `fully`, while a second person has yet to agree to erasing."""

    def is_needed(self, subject: UUID) -> bool:
        """Whether the law keeps it from being erased yet; hidden it stays."""

    def holdings(self, subject: UUID) -> Holdings:
        """What there is, rows with files locked; nothing once it is erased."""

    def erase(self, subject: UUID, *, why: Why) -> None:
        """Delete or blank every row. Files are removed afterwards."""


_parts: dict[Kind, list[Part]] = {kind: [] for kind in Kind}
P = TypeVar("P", bound=Part)


def part(kind: Kind) -> Callable[[type[P]], type[P]]:
    """Register an app's part; lower apps register first, and upper ones erase first."""

    def register(maker: type[P]) -> type[P]:
        _parts[kind].append(maker())
        return maker

    return register


def parts_of(kind: str) -> list[Part]:
    """The parts of a kind, upper apps first."""
    return list(reversed(_parts[Kind(kind)]))


def model_of(kind: Kind) -> type[models.Model]:
    """The model whose rows are such subjects."""
    return _parts[kind][0].model


def holdings_of(kind: str, subject: UUID) -> Holdings:
    """What all apps hold of a subject."""
    found = Holdings()
    for each in parts_of(kind):
        found |= each.holdings(subject)
    return found
