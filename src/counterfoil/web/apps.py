"""The web pages as a Django application: templates, tags and static files are found through it."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "counterfoil.web"
    label = "web"
