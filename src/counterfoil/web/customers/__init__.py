"""Who pays, who is serviced and who resells: lists, pages and forms."""
