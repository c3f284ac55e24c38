"""How documents and e-mails look, changed in the browser."""
