"""What a plan will send, before it sends anything."""
