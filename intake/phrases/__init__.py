"""The phrasebook: what wording says about time, and what it leaves open."""
