"""Addresses of the pages about the site itself."""

from django.urls import path

from casemgr.platform.site import views

urlpatterns = [
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("help/seeing-a-child/", views.on_seeing, name="on-seeing"),
]
