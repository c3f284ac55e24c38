"""The same rules on columns: frames in, frames out. Core and Polars only."""
