"""Addresses of the pages of alliances; one alliance's own page is among the cases'."""

from django.urls import path

from families import views

urlpatterns = [
    path("alliances/", views.index, name="alliances"),
    path("alliances/join/<str:secret>/", views.join, name="alliance-join"),
    path("alliances/<uuid:alliance_id>/invite/", views.invite, name="alliance-invite"),
    path("alliances/<uuid:alliance_id>/leave/", views.leave, name="alliance-leave"),
    path(
        "alliances/<uuid:alliance_id>/members/<uuid:member_id>/hand-over/",
        views.hand_over,
        name="alliance-hand-over",
    ),
    path(
        "alliances/<uuid:alliance_id>/members/<uuid:member_id>/remove/",
        views.remove,
        name="alliance-remove",
    ),
]
