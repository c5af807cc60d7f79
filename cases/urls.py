"""Addresses of the pages of cases."""

from django.urls import path

from cases import views

urlpatterns = [
    path("", views.home, name="home"),
    path("cases/look-up/", views.look_up, name="look-up"),
    path("cases/<str:reference>/", views.case, name="case"),
]
