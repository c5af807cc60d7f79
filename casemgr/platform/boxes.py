"""Sealing to one reader: whoever holds the public half writes, only the other half reads.

X25519 with a fresh key for each box, HKDF-SHA-256 and AES-256-GCM, bound to a name. A stolen
database with all of the site's own keys opens none of it.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX: Final = "homeward_export_"
"""What readers' keys begin with, so that scanners find one that went astray."""
_NONCE: Final = 12
_POINT: Final = 32


class WrongKey(Exception):
    """This key doesn't open the box, or the box was changed."""


def new_pair() -> tuple[bytes, str]:
    """The public half to write with, and the reader's key as text."""
    private = X25519PrivateKey.generate()
    told = PREFIX + urlsafe_b64encode(private.private_bytes_raw()).decode().rstrip("=")
    return private.public_key().public_bytes_raw(), told


def seal(data: bytes, *, to: bytes, name: str) -> bytes:
    """A box that only the reader of `to` opens, under the same name."""
    once = X25519PrivateKey.generate()
    point = once.public_key().public_bytes_raw()
    nonce = os.urandom(_NONCE)
    key = _key(once.exchange(X25519PublicKey.from_public_bytes(to)), point)
    return point + nonce + AESGCM(key).encrypt(nonce, data, name.encode())


def open_box(box: bytes, *, key: str, name: str) -> bytes:
    """What `seal` put in; raises WrongKey."""
    try:
        text = key.removeprefix(PREFIX)
        private = X25519PrivateKey.from_private_bytes(
            urlsafe_b64decode(text + "=" * (-len(text) % 4))
        )
        point, nonce, body = box[:_POINT], box[_POINT : _POINT + _NONCE], box[_POINT + _NONCE :]
        shared = private.exchange(X25519PublicKey.from_public_bytes(point))
        return AESGCM(_key(shared, point)).decrypt(nonce, body, name.encode())
    except (ValueError, InvalidTag) as error:
        raise WrongKey from error


def _key(shared: bytes, point: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=point, info=b"homeward box").derive(shared)
