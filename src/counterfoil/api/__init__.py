"""The REST API: one file per resource; what they share is how routes are declared, let in, paged and refused."""
