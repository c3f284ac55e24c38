"""Signing in and out: allauth's pages in our look."""
