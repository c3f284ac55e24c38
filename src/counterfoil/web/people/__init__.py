"""People and programs: users with their roles and branches, and the API tokens of each."""
