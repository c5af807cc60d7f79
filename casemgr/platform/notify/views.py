"""A person's inbox; and, where no mail server is set, the letters that would have left."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from casemgr.platform.access import Action, Actor, Group, declares, open_to_all
from casemgr.platform.errors import NotFound
from casemgr.platform.notify import services
from casemgr.platform.notify.models import Notice

SHOWN: Final = 100


@declares(Action.READ, Group.ACCOUNTS)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """The asker's own notices, newest first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    notices = Notice.objects.of(actor.user_id)[:SHOWN]
    return render(request, "notify/inbox.html", {"notices": notices})


@declares(Action.READ, Group.ACCOUNTS)
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Tick all of them off."""
    services.tick_off(actor=request.actor)  # type: ignore[attr-defined]
    return redirect("inbox")


@open_to_all("only in development and demos without a mail server; everywhere else it is not there")
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Letters that lie in a folder of this machine because no mail server is set."""
    if not settings.LOCAL_MAILBOX:
        raise NotFound
    return render(request, "notify/mailbox.html", {"letters": _letters(), "stay_at": "/mailbox/"})


def _letters() -> list[dict[str, str]]:
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [_letter(file.read_bytes()) for file in files[:SHOWN]]


def _letter(data: bytes) -> dict[str, str]:
    # Django's file backend ends each message with a line of dashes.
    message = message_from_bytes(data.rpartition(b"-" * 79)[0] or data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return {
        "to": str(message["To"]),
        "subject": str(message["Subject"]),
        "date": str(message["Date"]),
        "body": str(message.get_content()),
    }
