"""Settings, addresses, logging and the embedded database."""
