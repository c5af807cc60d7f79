"""Letters that lie in the local mailbox (development and demo), where no mail server takes them."""

from collections.abc import Collection, Iterator
from pathlib import Path

from django.conf import settings


def letters() -> Iterator[tuple[Path, str]]:
    """Every file of the local mailbox with its text; none where letters are really sent."""
    if settings.LOCAL_MAILBOX:
        for path in sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log")):
            yield path, path.read_text(encoding="utf-8", errors="replace")


def burn_letters(addresses: Collection[str]) -> None:
    """Remove every letter that names one of these addresses."""
    for path, text in letters():
        if any(address in text for address in addresses):
            path.unlink(missing_ok=True)
