"""The plan and the roster: vocabularies, model, due rules, reading, checks, differences, writing."""
