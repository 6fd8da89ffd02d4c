"""A period of supervision on a virtual clock: the same commands and patrol, a recording channel."""
