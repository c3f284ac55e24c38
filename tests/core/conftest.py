"""Hypothesis for the rules: no deadline, because a test states facts and not times."""

from hypothesis import settings

settings.register_profile("rules", deadline=None)
settings.load_profile("rules")
