"""Links to the other system's pages of customers and invoices."""
