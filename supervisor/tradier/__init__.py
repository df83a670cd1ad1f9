"""What does Tradier say? The wire to the broker: where it is, what it answered, and what that means."""
