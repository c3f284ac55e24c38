"""`counterfoil doctor`: the web, the API and the workers, until told to stop."""


def doctor() -> None:
    """Serve."""
