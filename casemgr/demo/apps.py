"""Invented people, for showing and checking the main job."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Nothing to register; its commands refuse to touch a database that isn't a demo's."""

    name = "casemgr.demo"
    label = "demo"
