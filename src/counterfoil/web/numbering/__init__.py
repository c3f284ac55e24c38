"""Settings: how documents are numbered, and up to when the books are closed."""
