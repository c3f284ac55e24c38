"""What could not be billed, and what to do about it."""
