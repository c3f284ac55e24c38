"""Import and export: files of customers, dealers, clients, the catalogue and charges, all or nothing."""
