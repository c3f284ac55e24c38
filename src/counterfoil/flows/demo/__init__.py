"""A demo bureau that looks like one: invented customers, sites and charges, and some months billed already."""
