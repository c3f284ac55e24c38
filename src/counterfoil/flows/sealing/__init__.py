"""Sealing: what was changed and issued is hashed in batches, so that a later change behind our back is noticed."""
