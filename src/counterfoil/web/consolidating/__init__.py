"""The pages of consolidated billings: list, one, batch, by hand, roll, and a customer's settings."""
