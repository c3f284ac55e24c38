"""The frame around every page, and the components pages are made of."""
