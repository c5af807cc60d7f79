"""Addresses of accounts: our own pages, and allauth's by the table in routes.py."""

from django.urls import path

from casemgr.platform.accounts import data_views, routes, staff_views, views

urlpatterns = [
    path("sign-in/link/<str:secret>/", views.sign_in_by_link, name="sign-in-by-link"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("language/", views.language, name="language"),
    path("account/", views.account, name="account"),
    path("account/data/", data_views.own_data, name="own-data"),
    path("account/confirm/", views.confirm, name="confirm"),
    *(
        path("account/factor/", views.factor, name=name)
        for name in ("mfa_index", "mfa_list_webauthn", "second-factor")
    ),
    path("staff/", staff_views.staff, name="staff"),
    path("staff/propose-role/", staff_views.propose_role, name="propose-role"),
    path("staff/<uuid:user_id>/reset/", staff_views.propose_reset, name="propose-reset"),
    path("staff/<uuid:user_id>/revoke/", staff_views.revoke, name="revoke-role"),
    path("staff/proposals/<uuid:proposal_id>/", staff_views.decide, name="decide-proposal"),
    *routes.urlpatterns(),
]
