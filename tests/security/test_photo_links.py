"""Photos in an object store: short links, for whoever may see, on a server that speaks S3.

moto's server stands in for a store: it keeps objects, reads signatures' parameters and refuses who
sends none. That the signature is the documented one is worked out here anew (AWS Signature 4).
"""

import hashlib
import hmac
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlsplit

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings

from casemgr.platform import storage
from casemgr.platform.audit import AuditEntry
from casemgr.platform.vocabularies import CaseStatus
from cases.models import CasePhoto
from searches.models import SightingPhoto
from tests.cast import Cast, Person
from tests.factories import file_case, jpeg, log_sighting, store_match, work_off

pytestmark = pytest.mark.django_db
SECRET = "not-a-secret-of-anybodys"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that speaks S3, with an empty bucket."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    address = f"http://{host}:{port}"
    boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1",
        aws_access_key_id="homeward", aws_secret_access_key=SECRET,
    ).create_bucket(Bucket="photos")  # fmt: skip
    yield address
    moto.stop()


@pytest.fixture(autouse=True)
def _in_the_store(server: str, settings: Settings) -> None:
    store = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": "photos",
            "endpoint_url": server,
            "access_key": "homeward",
            "secret_key": SECRET,
            "region_name": "us-east-1",
            "default_acl": None,
            "file_overwrite": False,
            "signature_version": "s3v4",
        },
    }
    settings.STORAGES = {**settings.STORAGES, "private": store, "links": store}


def sighting_photo(cast: Cast) -> SightingPhoto:
    """A developed photo of the volunteer's sighting, which the reviewer has in hand."""
    told = log_sighting(cast, by=cast.volunteer, photos=[jpeg(4)]).sighting
    work_off("searches.develop_photo")
    store_match(file_case(cast, status=CaseStatus.OPEN, in_hand_of=[cast.reviewer]), told)
    photo: SightingPhoto = told.photos.get()
    return photo


def link_for(person: Person, photo: SightingPhoto, size: str = "thumb") -> str:
    answer = person.browser().get(f"/media/sighting/{photo.pk}/{size}/")
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.headers["Location"])


def test_a_link_leads_to_the_bytes_which_nothing_may_keep(cast: Cast, server: str) -> None:
    photo = sighting_photo(cast)

    link = link_for(cast.reviewer, photo, "reviewer")

    assert link.startswith(f"{server}/photos/derivatives/")
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == storage.read(photo.reviewer_file)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"] == 'inline; filename="photo.jpg"'
    looks = AuditEntry.objects.filter(subject_type="sighting_photo", action="R")
    assert looks.filter(roles__contains="RV").count() == 1


def test_nobody_gets_a_link_who_would_not_get_the_bytes(cast: Cast) -> None:
    photo = sighting_photo(cast)
    link_for(cast.volunteer, photo)

    for person, size in [
        (cast.anonymous, "thumb"),
        (cast.guardian, "thumb"),
        (cast.second_reviewer, "reviewer"),
        (cast.volunteer, "reviewer"),
    ]:
        answer = person.browser().get(f"/media/sighting/{photo.pk}/{size}/")
        assert answer.status_code == 404
        assert "Location" not in answer.headers


def test_the_address_of_an_object_carries_no_right_by_itself(cast: Cast) -> None:
    link = link_for(cast.volunteer, sighting_photo(cast))

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(link.partition("?")[0])
    assert refused.value.code == 403


def test_a_link_dies_within_a_minute_and_is_signed_for_that_object_alone(cast: Cast) -> None:
    """The signature covers host, path, time and how long; any other is another signature."""
    link = link_for(cast.volunteer, sighting_photo(cast))
    address = urlsplit(link)
    told = dict(parse_qsl(address.query))

    assert 0 < int(told["X-Amz-Expires"]) <= 60
    assert told["X-Amz-SignedHeaders"] == "host"
    assert told.pop("X-Amz-Signature") == signature("GET", address.netloc, address.path, told)
    longer = {**told, "X-Amz-Expires": "6000"}
    assert signature("GET", address.netloc, address.path, longer) not in link
    assert signature("GET", address.netloc, address.path[:-5], told) not in link


def signature(method: str, host: str, path: str, query: dict[str, str]) -> str:
    """AWS Signature Version 4 of a presigned address, as its documentation writes it."""
    sent = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(query.items()))
    request = f"{method}\n{quote(path)}\n{sent}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    scope = query["X-Amz-Credential"].partition("/")[2]
    digest = hashlib.sha256(request.encode()).hexdigest()
    words = f"AWS4-HMAC-SHA256\n{query['X-Amz-Date']}\n{scope}\n{digest}"
    key = b"AWS4" + SECRET.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, words.encode(), "sha256").hex()


def test_an_original_has_no_link_and_comes_back_whole(cast: Cast) -> None:
    photo = SightingPhoto.objects.get(pk=sighting_photo(cast).pk)

    with pytest.raises(FileNotFoundError):
        storage.link(photo.original, caching="no-store")
    assert storage.unseal(photo.original, sha256=photo.original_sha256) == jpeg(4)


def test_what_nobody_names_is_swept_out_of_the_store_and_a_deleted_photo_has_no_bytes(
    cast: Cast,
) -> None:
    photo = sighting_photo(cast)
    link = link_for(cast.volunteer, photo)
    storage.delete(photo.thumb_file)
    storage.delete(photo.thumb_file)

    with pytest.raises(urllib.error.HTTPError) as gone:
        urllib.request.urlopen(link)
    assert gone.value.code in (403, 404)
    with pytest.raises(FileNotFoundError):
        storage.read(photo.thumb_file)
    assert storage.sweep_orphans(storage.known_names(), timedelta(hours=2)) == 0
    assert CasePhoto.objects.count() == 0
