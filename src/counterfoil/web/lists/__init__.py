"""One machinery for every list: columns, filters, sorting, keyset pages, counts, selection, export."""
