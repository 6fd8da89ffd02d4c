"""What people read: the catalogue, the refusals, and how text from outside is made harmless."""
