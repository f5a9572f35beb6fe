"""What the queue costs and bears, with an engine that only sleeps: submits, reads, a lone client, workers, overload."""
