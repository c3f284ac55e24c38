"""A billing run: load, rate, persist, review, issue, deliver, reconcile."""
