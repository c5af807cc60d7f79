"""Secrets and tokens: made here, kept as digests, looked up by digest.

Both begin with a fixed word, so that scanners of code and logs can find one that went astray.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now

from casemgr.platform.access import SCOPES, Program, Role
from casemgr.platform.partners.models import AccessToken, ClientSecret

SECRET_PREFIX: Final = "homeward_secret_"  # noqa: S105 - what secrets begin with
TOKEN_PREFIX: Final = "homeward_token_"  # noqa: S105
TOKEN_LIFE: Final = timedelta(minutes=15)
# What we make is shorter than this; nothing longer is looked up.
LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token opens: which program asks, with which roles; `expired` where it is too old."""

    program: Program
    roles: frozenset[Role]
    expired: bool


def new_secret() -> str:
    """256 random bits, with the prefix of secrets."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def digest(text: str) -> str:
    """What is kept of a secret or a token."""
    return hashlib.sha256(text.encode()).hexdigest()


def standing_secret(client_id: str, secret: str) -> ClientSecret | None:
    """The secret's row, while it, its client and its organisation stand."""
    try:
        client = UUID(client_id)
    except ValueError:
        return None
    found = ClientSecret.objects.select_related("client__partner").filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=Now()),
        digest=digest(secret[:LONGEST]),
        client=client,
        client__revoked_at__isnull=True,
        client__partner__stopped_at__isnull=True,
    )
    return found.first()


def issue_token(secret: ClientSecret, scopes: Sequence[str]) -> str:
    """A new token with these scopes; only its digest is kept."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    AccessToken.objects.create(
        secret=secret, digest=digest(token), scopes=list(scopes), expires_at=Now() + TOKEN_LIFE
    )
    ClientSecret.objects.filter(pk=secret.pk).update(used_at=Now())
    return token


def open_token(token: str) -> Opened | None:
    """What the token opens now; None once its secret, client or organisation was stopped.

    Asked of the database each time, so that a stop holds for the very next request.
    """
    row = (
        AccessToken.objects.select_related("secret__client")
        .annotate(expired=ExpressionWrapper(Q(expires_at__lte=Now()), output_field=BooleanField()))
        .filter(
            Q(secret__ends_at__isnull=True) | Q(secret__ends_at__gt=Now()),
            digest=digest(token[:LONGEST]),
            secret__client__revoked_at__isnull=True,
            secret__client__partner__stopped_at__isnull=True,
        )
        .first()
    )
    if row is None:
        return None
    client = row.secret.client
    allowed = set(row.scopes) & set(client.scopes)
    return Opened(
        program=Program(client_id=client.pk, partner_id=client.partner_id),
        roles=frozenset(SCOPES[scope] for scope in allowed if scope in SCOPES),
        expired=bool(row.expired),
    )
