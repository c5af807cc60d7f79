"""Addresses of the pages of sightings and of reviewing."""

from django.urls import path

from searches import (
    clue_views,
    duplicates_views,
    family_views,
    pair_views,
    rescued_views,
    review_figures_views,
    review_views,
    route_views,
    second_look_views,
    seeker_views,
    views,
)

urlpatterns = [
    path("sightings/new/", views.new_sighting, name="new-sighting"),
    path("seekers/", seeker_views.seeker, name="seeker"),
    path("seekers/tell/", seeker_views.new_seeker, name="new-seeker"),
    path("receipt/", views.receipt, name="receipt"),
    path("my/", views.landing, name="landing"),
    path("my/sightings/", views.my_sightings, name="my-sightings"),
    path("my/sightings/<uuid:sighting_id>/", views.my_sighting, name="my-sighting"),
    path("my/cases/", family_views.my_cases, name="my-cases"),
    path("my/cases/<str:reference>/", family_views.my_case, name="my-case"),
    path("my/cases/<str:reference>/withdraw/", family_views.withdraw, name="my-case-withdraw"),
    path("review/", review_views.queue, name="queue"),
    path("review/take/", review_views.take, name="take"),
    path("review/matches/<uuid:match_id>/", review_views.match, name="match"),
    path("review/matches/<uuid:match_id>/undo/", review_views.undo, name="undo"),
    path("review/cases/<str:reference>/clues/", clue_views.ranked, name="clues"),
    path("review/cases/<str:reference>/route/", route_views.case_route, name="route"),
    path("audit/pairs/", pair_views.agreement, name="pairs"),
    path("review/figures/", review_figures_views.page, name="review-figures"),
    path("review/rescued/", rescued_views.index, name="rescued-list"),
    path("review/rescued/<uuid:sighting_id>/", rescued_views.rescued, name="rescued"),
    path("review/duplicates/", duplicates_views.index, name="duplicates"),
    path("review/duplicates/<uuid:pair_id>/", duplicates_views.pair, name="duplicate"),
    path("review/duplicates/<uuid:pair_id>/again/", duplicates_views.again, name="duplicate-again"),
    path("review/second-look/", second_look_views.begin, name="begin-second-look"),
    path("review/second-look/<uuid:look_id>/", second_look_views.look, name="second-look"),
]
