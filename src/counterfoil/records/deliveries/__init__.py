"""What is on its way out: deliveries of documents, and the outbox that queues the work."""
