"""Notices: a document's lines become findings and measures by a declarative grammar."""
