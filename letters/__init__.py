"""Messages on their way out: what is said, how it looks, which channel takes it."""
