"""The organisation that issues the documents."""
