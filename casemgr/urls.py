"""Every address of the site."""

from django.urls import URLPattern, URLResolver, include, path, register_converter
from django.urls.converters import StringConverter

from casemgr import media, offline


class PhotoKind(StringConverter):
    """Whose photo."""

    regex = "case|sighting"


class PhotoSize(StringConverter):
    """Which derivative; originals have no address."""

    regex = "|".join(media.FILES)


register_converter(PhotoKind, "photo_kind")
register_converter(PhotoSize, "photo_size")

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("casemgr.api")),
    path("", include("cases.urls")),
    path("", include("families.urls")),
    path("", include("searches.urls")),
    path("", include("casemgr.platform.accounts.urls")),
    path("", include("casemgr.platform.notify.urls")),
    path("", include("casemgr.platform.site.urls")),
    path("", include("casemgr.platform.audit.urls")),
    path("", include("casemgr.platform.partners.urls")),
    path("service-worker.js", offline.service_worker, name="service-worker"),
    path("manifest/<str:language>.webmanifest", offline.manifest, name="manifest"),
    path("shell/<str:language>/<str:page>/", offline.shell, name="shell"),
    path("on-this-phone/", offline.on_this_phone, name="on-this-phone"),
    path("media/<photo_kind:kind>/<uuid:photo_id>/<photo_size:size>/", media.photo, name="media"),
]

handler400 = "casemgr.platform.error_pages.bad_request"
handler403 = "casemgr.platform.error_pages.forbidden"
handler404 = "casemgr.platform.error_pages.not_found"
handler500 = "casemgr.platform.error_pages.broken"
