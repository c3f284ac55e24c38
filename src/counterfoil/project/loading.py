"""Load Django: settings and applications, no database."""

import os


def load_django() -> None:
    """Make Django's models and commands usable in this process; the second time it does nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "counterfoil.project.settings")
    import django

    django.setup()
