"""Addresses of the audit's pages."""

from django.urls import path

from casemgr.platform.audit import views

urlpatterns = [
    path("audit/", views.audit, name="audit"),
    path("audit/own/", views.own, name="own-acts"),
]
