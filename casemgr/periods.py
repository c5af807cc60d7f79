"""How long each kind of data is kept (docs/retention.md). Every period is a setting, in days."""

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from casemgr import env

# The trigger on the audit's tables lets no younger row go (migration 0006 of the platform).
AUDIT_LEAST: Final = timedelta(days=6 * 365)


@dataclass(frozen=True, slots=True)
class Periods:
    """Each is counted from the event that its comment names; then the data is erased."""

    sighting: timedelta = timedelta(days=730)
    """A street or online sighting, from when it was received."""
    unactionable_sighting: timedelta = timedelta(days=30)
    """Spam, an empty report or one of an adult, from when a reviewer said so."""
    reminder: timedelta = timedelta(days=365)
    """Between two reminders to seekers and institutions, whose sightings stay until withdrawn."""
    closed_case: timedelta = timedelta(days=365)
    """A closed, withdrawn or merged case, from its last change."""
    public_card: timedelta = timedelta(days=365)
    """A public card, from the family's last word or since it went up; then it comes down."""
    yearly_look: timedelta = timedelta(days=365)
    """Between two looks of a reviewer at the whole of an unsolved case."""
    replaced_face: timedelta = timedelta(days=7)
    """A face made by a replaced engine, from when its photo was given to the engine of today."""
    claim_papers: timedelta = timedelta(days=30)
    """Claim papers and withheld facts, from the decision on a claim or the end of the case."""
    reporter: timedelta = timedelta(days=30)
    """A reporter's contact, from the end of every case that their sighting led to."""
    idempotency: timedelta = timedelta(days=7)
    """Stored answers to retried requests."""
    outbox: timedelta = timedelta(days=30)
    """Events and finished jobs."""
    security_log: timedelta = timedelta(days=365)
    """Used and expired sign-in links."""
    audit: timedelta = AUDIT_LEAST
    """Audit rows, from when they were sealed."""
    erasure_record: timedelta = timedelta(days=365)
    """The steps of a finished erasure; its line in the ledger stays."""

    @classmethod
    def from_environment(cls) -> "Periods":
        """`RETENTION_SIGHTING_DAYS` and so on; the defaults above where unset."""
        periods = cls(
            **{
                field.name: timedelta(
                    days=env.number(f"RETENTION_{field.name.upper()}_DAYS", _days(field), least=1)
                )
                for field in fields(cls)
            }
        )
        if periods.audit < AUDIT_LEAST:
            raise ImproperlyConfigured(f"RETENTION_AUDIT_DAYS must be at least {AUDIT_LEAST.days}.")
        return periods


def _days(field: object) -> int:
    default: timedelta = field.default  # type: ignore[attr-defined]
    return default.days
