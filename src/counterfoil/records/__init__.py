"""What is stored, and who may change it."""
