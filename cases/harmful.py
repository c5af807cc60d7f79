"""Images that nobody may see again: sealed at once, never shown, matched or exported.

Their hashes keep copies out: one that is sent again is kept sealed, never developed, and its sender
is told only that the picture can't be used. The encrypted originals wait for the police.
"""

from functools import partial

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from casemgr.platform import audit, outbox, storage
from casemgr.platform.access import Action, Actor, Group, Role, can
from casemgr.platform.accounts.models import User
from casemgr.platform.errors import Conflict, Forbidden, Invalid
from casemgr.platform.images import HASH_BITS, SAME_PICTURE_BITS
from casemgr.platform.photos import SEALED, PhotoFields
from casemgr.platform.vocabularies import PhotoStatus
from cases import assignments
from cases.models import CasePhoto, HarmfulImage
from cases.querysets import lock
from cases.services import announce

DERIVATIVES = ("reviewer_file", "public_file", "thumb_file")


@transaction.atomic
def mark_case_photo(*, actor: Actor, photo: CasePhoto, reason: str) -> HarmfulImage:
    """Seal a case's photo: by a reviewer with the case in hand, or by whoever may add photos."""
    held: CasePhoto = lock(CasePhoto.objects.select_related("case"), photo.pk)
    case = held.case
    if not assignments.decides(actor, case) and not can(
        actor, Action.CREATE, Group.CASE_PHOTOS, case
    ):
        raise Forbidden
    CasePhoto.objects.filter(pk=held.pk).update(consent_public=False)
    sealed = seal(actor, held, kind="case", reason=reason)
    announce(case)
    if case.public_since is not None:
        outbox.publish("case.updated", case.pk)
    return sealed


def seal(actor: Actor, photo: PhotoFields, *, kind: str, reason: str) -> HarmfulImage:
    """Seal a locked photo, in the caller's transaction; asking twice changes nothing."""
    sealed = _seal(photo, kind=kind, marked_by=actor.user, reason=reason.strip())
    audit.record(actor, "mark_harmful", f"{kind}_photo", [photo.pk], groups=[_group(kind)])
    return sealed


def _seal(photo: PhotoFields, *, kind: str, marked_by: User | None, reason: str) -> HarmfulImage:
    sealed, made = HarmfulImage.objects.get_or_create(
        photo_id=photo.pk,
        defaults={
            "photo_kind": kind,
            "sha256": photo.original_sha256,
            "phash": photo.phash,
            "marked_by": marked_by,
            "reason": reason,
        },
    )
    if made:
        files = [name for name in (getattr(photo, field) for field in DERIVATIVES) if name]
        # `updated_at` stays: a sender can't tell that somebody has looked.
        type(photo)._base_manager.filter(pk=photo.pk).update(
            status=PhotoStatus.REJECTED,
            refused_code=SEALED,
            phash=None,
            **dict.fromkeys(DERIVATIVES, ""),
        )
        photo.refresh_from_db()
        face = getattr(photo, "face", None)
        if face is not None:
            face.delete()
        transaction.on_commit(partial(_delete_files, files), robust=True)
    return sealed


def _delete_files(names: list[str]) -> None:
    for name in names:
        storage.delete(name)


def keep_out(photo: PhotoFields, *, kind: str, phash: int | None = None) -> bool:
    """Seal a copy of a sealed image, in the caller's transaction; returns whether it was one.

    Without `phash` only the same file is known again; with it also the same picture. A photo that
    was sealed while a worker looked at it is kept out as well.
    """
    lock(type(photo)._base_manager.all(), photo.pk)
    if HarmfulImage.objects.filter(photo_id=photo.pk).exists():
        return True
    known = HarmfulImage.objects.filter(sha256=photo.original_sha256).first()
    if known is None and phash is not None:
        known = _same_picture(phash)
    if known is None:
        return False
    _seal(photo, kind=kind, marked_by=None, reason=f"a copy of {known.pk}")
    audit.record(Actor(), "harmful_again", f"{kind}_photo", [photo.pk, known.pk])
    return True


def _same_picture(phash: int) -> HarmfulImage | None:
    bits = format(phash, f"0{HASH_BITS}b")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT id FROM cases_harmfulimage
            WHERE phash IS NOT NULL AND phash <~> %s::bit({HASH_BITS}) <= %s
            ORDER BY phash <~> %s::bit({HASH_BITS}) LIMIT 1
            """,  # noqa: S608 - a number of ours
            [bits, SAME_PICTURE_BITS, bits],
        )
        row = cursor.fetchone()
    return HarmfulImage.objects.get(pk=row[0]) if row else None


@transaction.atomic
def record_hand_over(*, actor: Actor, image: HarmfulImage, police_reference: str) -> None:
    """A reviewer writes down that the original was handed over to the police. Once."""
    if actor.user is None or not actor.has(Role.REVIEWER):
        raise Forbidden
    if not police_reference.strip():
        words = _("Give the police's reference for what was handed over.")
        raise Invalid({"police_reference": ("required", words)})
    waiting = HarmfulImage.objects.filter(pk=image.pk, handed_over_at__isnull=True)
    if not waiting.update(
        handed_over_at=Now(),
        handed_over_by=actor.user,
        police_reference=police_reference.strip(),
    ):
        raise Conflict("handed_over", _("This image was handed over before."))
    audit.record(actor, "hand_over", f"{image.photo_kind}_photo", [image.photo_id, image.pk])


def _group(kind: str) -> Group:
    return Group.CASE_PHOTOS if kind == "case" else Group.SIGHTING
