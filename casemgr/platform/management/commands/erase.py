"""`manage.py erase`: put on record, from the console, that two people want something erased."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgr.platform import erasure
from casemgr.platform.access import Actor, actor_for
from casemgr.platform.accounts.models import User
from casemgr.platform.erasure import Kind
from casemgr.platform.erasure.parts import model_of
from casemgr.platform.errors import DomainError


class Command(BaseCommand):
    """For wishes that came on paper; both people must have an account and the right to it."""

    help = "Ask for an erasure, and have a second person agree to it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=[kind.value for kind in Kind])
        parser.add_argument("id", type=UUID)
        parser.add_argument("--asked-by", required=True, metavar="EMAIL")
        parser.add_argument("--agreed-by", metavar="EMAIL", help="a data-protection officer")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = Kind(options["kind"])
        obj = model_of(kind)._default_manager.filter(pk=options["id"]).first()
        if obj is None:
            raise CommandError(f"There is no {kind.value} with this id.")
        try:
            asked = erasure.ask(actor=_person(options["asked_by"]), kind=kind, obj=obj)
            if options["agreed_by"]:
                erasure.approve(actor=_person(options["agreed_by"]), erasure=asked)
        except DomainError as refused:
            raise CommandError(str(refused)) from refused
        asked.refresh_from_db()
        self.stdout.write(f"{asked.state}, due {asked.due_at or 'once a second person agrees'}")


def _person(email: str) -> Actor:
    user = User.objects.filter(email=email.lower(), is_active=True).first()
    if user is None:
        raise CommandError(f"Nobody here has the address {email}.")
    return actor_for(user)
