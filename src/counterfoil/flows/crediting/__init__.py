"""Credit notes: what follows the dates of charges, and what a person gives by hand (billing-rules 6)."""
