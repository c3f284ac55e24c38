"""Backups: everything stored, as one file, and back."""
