"""Organisation, branches, users and their roles, API tokens."""
