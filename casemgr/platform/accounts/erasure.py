"""Erasing an account: what stays is a row without a name, for what must still say 'somebody'."""

from importlib import import_module
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from casemgr.platform.accounts.models import RoleGrant, User
from casemgr.platform.erasure import Holdings, Kind, Why, part, reach
from casemgr.platform.erasure.letters import burn_letters
from casemgr.platform.erasure.reach import blank, dependents
from casemgr.platform.errors import Conflict

NOBODY = "erased.invalid"


@part(Kind.ACCOUNT)
class AccountPart:
    """The user, their sessions and links, and whatever belongs to an account alone."""

    model = User

    def hide(self, subject: UUID, *, fully: bool) -> None:
        """Sign them out everywhere; nobody can sign in as them from now on."""
        if RoleGrant.objects.filter(user=subject, revoked_at__isnull=True).exists():
            raise Conflict("holds_a_role", _("Take the roles away first: others rely on them."))
        User.objects.filter(pk=subject).update(is_active=False)
        _sign_out(subject)

    def is_needed(self, subject: UUID) -> bool:
        """Nothing here is."""
        return False

    def holdings(self, subject: UUID) -> Holdings:
        """Ids of what goes with the account, and the addresses that are its alone."""
        user = User.objects.select_for_update().filter(pk=subject).first()
        if user is None or (user.email or "").endswith(f"@{NOBODY}"):
            return Holdings()
        own = frozenset(address for address in (user.email, user.phone) if address)
        return reach(User, [subject]) | Holdings(needles=own, kept=frozenset({subject}))

    def erase(self, subject: UUID, *, why: Why) -> None:
        """Delete what hangs on the account, and blank the row that others point at."""
        _sign_out(subject)
        for model, name in dependents(User):
            model._default_manager.filter(**{name: subject}).delete()
        user = User.objects.filter(pk=subject).first()
        if user is None:
            return
        burn_letters([address for address in (user.email, user.phone) if address])
        emptied = blank(user, keep=("email", "created_at"))
        user.email, user.is_active = f"{uuid4()}@{NOBODY}", False
        user.set_unusable_password()
        user.save(update_fields=[*emptied, "email"])


def _sign_out(user_id: UUID) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for session in Session.objects.iterator():
        if store.decode(session.session_data).get("_auth_user_id") == str(user_id):
            session.delete()
