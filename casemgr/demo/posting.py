"""Posts sightings the way anybody's program would: over HTTP, without an account."""

import json
import time
import urllib.error
import urllib.request
from typing import Any, Final
from uuid import UUID

from casemgr.demo.pictures import take
from casemgr.demo.processes import DemoFailed
from casemgr.demo.sightings import InventedSighting

TRIES: Final = 5
LONGEST_WAIT: Final = 60


def post(address: str, sighting: InventedSighting) -> UUID:
    """The id that the service gave; raises DemoFailed when it is refused.

    Sent again under the same key when the service asks for patience.
    """
    photo = take(sighting.photo) if sighting.photo else None
    content_type, body = _body(sighting.values, photo, boundary=sighting.key.hex)
    for _ in range(TRIES):
        request = urllib.request.Request(  # noqa: S310 - our own server on 127.0.0.1
            f"{address}/api/v1/sightings/",
            data=body,
            headers={"Content-Type": content_type, "Idempotency-Key": str(sighting.key)},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                return UUID(json.load(response)["id"])
        except urllib.error.HTTPError as error:
            if error.code not in (409, 429, 503):
                raise DemoFailed(
                    f"Sighting {sighting.number} was answered with {error.code}: "
                    f"{error.read().decode(errors='replace')[:500]}"
                ) from error
            time.sleep(min(LONGEST_WAIT, int(error.headers.get("Retry-After") or 1)))
    raise DemoFailed(f"Sighting {sighting.number} was put off {TRIES} times.")


def _body(values: dict[str, Any], photo: bytes | None, *, boundary: str) -> tuple[str, bytes]:
    """JSON, or a multipart form whose `data` part is that JSON."""
    data = json.dumps(values, ensure_ascii=False).encode()
    if photo is None:
        return "application/json", data
    parts = (
        ('name="data"', "application/json", data),
        ('name="photos"; filename="photo.jpg"', "image/jpeg", photo),
    )
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\nContent-Type: {kind}\r\n\r\n"
        .encode() + content + b"\r\n"
        for name, kind, content in parts
    )  # fmt: skip
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()
