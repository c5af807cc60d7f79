"""Addresses of the inbox and of the local mailbox."""

from django.urls import path

from casemgr.platform.notify import views

urlpatterns = [
    path("notices/", views.inbox, name="inbox"),
    path("notices/read/", views.read, name="inbox-read"),
    path("mailbox/", views.mailbox, name="mailbox"),
]
