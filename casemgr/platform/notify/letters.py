"""A notice as a letter, in its reader's language."""

from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from casemgr.platform import site
from casemgr.platform.notify.models import Notice


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain text, complete."""

    subject: str
    body: str


def write(notice: Notice) -> Letter | None:
    """The letter; None where there is nothing left to tell, since what it was about is gone."""
    from django.urls import reverse

    spec, home = notice.spec, site.current()
    with translation.override(notice.person.language):
        path = reverse(spec.page) if spec.page else ""
        if spec.link is not None:
            made = spec.link(notice)
            if made is None:
                return None
            path = made
        parts = [str(notice.words["body"])]
        if path:
            parts.append(site.address() + path)
        parts.append(
            _("This letter comes from %(site)s. Nobody reads answers to it.") % {"site": home.name}
        )
        return Letter(f"{home.name}: {spec.subject}", "\n\n".join(parts) + "\n")
