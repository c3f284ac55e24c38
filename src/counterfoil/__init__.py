"""Counterfoil: self-hosted recurring billing that keeps the books in step."""
