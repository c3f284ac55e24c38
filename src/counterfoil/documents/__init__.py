"""What customers receive."""
