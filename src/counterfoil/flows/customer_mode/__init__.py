"""Moving the organisation from one customer mode to the other, foreseen in numbers and undone (product B1, B2)."""
