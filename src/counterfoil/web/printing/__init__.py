"""Documents printed together."""
