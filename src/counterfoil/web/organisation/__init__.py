"""The organisation that issues the documents, and its branches."""
