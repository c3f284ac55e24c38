"""`counterfoil up`: the web, the API and the workers, until told to stop."""
def up() -> None:
    """Serve."""
