"""Files in: dry run, then import."""
