"""What happens, step by step. The only place that opens transactions."""
