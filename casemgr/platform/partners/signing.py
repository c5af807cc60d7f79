"""Signatures by the Standard Webhooks specification: HMAC-SHA-256 over id, time and body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"


def new_secret() -> str:
    """256 random bits in the form that libraries for receivers take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(message_id: str, at: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """What a receiver verifies by; one signature for each key, so that keys can change."""
    signed = f"{message_id}.{at}.".encode() + body
    made = []
    for key in keys:
        raw = base64.b64decode(key.removeprefix(PREFIX))
        digest = hmac.new(raw, signed, hashlib.sha256).digest()
        made.append(f"v1,{base64.b64encode(digest).decode()}")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(made),
    }
