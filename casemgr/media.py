"""The bytes of photos: derivatives only, asked about each time, never kept by a proxy or a program.

Where browsers reach an object store, the answer is a link to it that lives for a minute.

A case photo is anybody's to see while its card is up and the guardian ticked it. Everything else is
for those whom the permission matrix names, and each such look is written down.
"""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from casemgr.platform import audit, limits, storage
from casemgr.platform.access import Action, Actor, Group, Role, can, open_to_all
from casemgr.platform.errors import NotFound
from casemgr.platform.partners.authentication import program_behind
from casemgr.platform.photos import PhotoFields
from casemgr.platform.vocabularies import PhotoStatus
from cases.card import is_public
from cases.models import Case, CasePhoto
from searches.models import Sighting, SightingPhoto

FILES: Final = {"thumb": "thumb_file", "public": "public_file", "reviewer": "reviewer_file"}
PUBLIC_SIZES: Final = ("thumb", "public")


@open_to_all("decides for each photo: what is public is served to all, the rest by the matrix")
def photo(request: HttpRequest, kind: str, photo_id: UUID, size: str) -> HttpResponse:
    """One derivative of one photo, or 404 for whoever may not have it."""
    limits.enforce(request, "pictures")
    actor: Actor = program_behind(request) or request.actor  # type: ignore[attr-defined]
    if kind == "case" and size in PUBLIC_SIZES and (shown := _on_a_card(photo_id)):
        return _jpeg(shown, size, "public, max-age=60")
    found = _case_photo(actor, photo_id) if kind == "case" else _sighting_photo(actor, photo_id)
    if size not in PUBLIC_SIZES and not actor.has(Role.REVIEWER):
        raise NotFound
    group = Group.CASE_PHOTOS if kind == "case" else Group.SIGHTING
    audit.record(actor, Action.READ, f"{kind}_photo", [found.pk], groups=[group])
    return _jpeg(found, size, "no-store")


def _on_a_card(photo_id: UUID) -> CasePhoto | None:
    photo = CasePhoto.objects.filter(pk=photo_id, case__in=Case.objects.public()).first()
    return photo if photo is not None and is_public(photo) else None


def _case_photo(actor: Actor, photo_id: UUID) -> CasePhoto:
    photo = (
        CasePhoto.objects.select_related("case")
        .filter(pk=photo_id, case__in=Case.objects.visible_to(actor))
        .first()
    )
    if photo is None or not can(actor, Action.READ, Group.CASE_PHOTOS, photo):
        raise NotFound
    return photo


def _sighting_photo(actor: Actor, photo_id: UUID) -> SightingPhoto:
    photo = (
        SightingPhoto.objects.select_related("sighting")
        .filter(pk=photo_id, sighting__in=Sighting.objects.visible_to(actor))
        .first()
    )
    if photo is None or not can(actor, Action.READ, Group.SIGHTING, photo):
        raise NotFound
    return photo


def _jpeg(photo: PhotoFields, size: str, caching: str) -> HttpResponse:
    if photo.status != PhotoStatus.READY:
        raise NotFound
    name = getattr(photo, FILES[size])
    if (link := storage.link(name, caching=caching)) is not None:
        # The link is as good as the bytes, so that nothing may keep it.
        return HttpResponseRedirect(link, headers={"Cache-Control": "no-store"})
    try:
        data = storage.read(name)
    except FileNotFoundError as error:
        raise NotFound from error
    return HttpResponse(
        data,
        content_type="image/jpeg",
        headers={
            "Cache-Control": caching,
            "Content-Disposition": 'inline; filename="photo.jpg"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
