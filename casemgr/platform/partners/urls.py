"""Addresses of partners' pages, and the one where programs get their tokens."""

from django.urls import URLPattern, path

from casemgr.platform.partners import oauth, views, webhook_views

PARTNER = "partners/<uuid:partner_id>/"
CLIENT = PARTNER + "clients/<uuid:client_id>/"

urlpatterns: list[URLPattern] = [
    path("oauth/token/", oauth.token, name="token"),
    path("partners/", views.partners, name="partners"),
    path("partners/found/", views.found, name="found-partner"),
    path(PARTNER, views.partner, name="partner"),
    path(PARTNER + "appoint/", views.appoint, name="appoint-partner-admin"),
    path(PARTNER + "domain/", views.set_domain, name="set-partner-domain"),
    path(PARTNER + "dismiss/<uuid:person_id>/", views.dismiss, name="dismiss-partner-admin"),
    path(PARTNER + "stop/", views.stop, name="stop-partner"),
    path(PARTNER + "resume/", views.resume, name="resume-partner"),
    path(PARTNER + "clients/", views.add_client, name="add-client"),
    path(PARTNER + "webhooks/<uuid:webhook_id>/test/", webhook_views.test, name="test-webhook"),
    path(
        PARTNER + "webhooks/<uuid:webhook_id>/enable/", webhook_views.enable, name="enable-webhook"
    ),
    path(
        PARTNER + "deliveries/<uuid:delivery_id>/replay/",
        webhook_views.replay,
        name="replay-delivery",
    ),
    path(CLIENT + "rotate/", views.rotate, name="rotate-secret"),
    path(CLIENT + "revoke/", views.revoke, name="revoke-client"),
]
