"""Events and meters: what is charged as it happens."""
