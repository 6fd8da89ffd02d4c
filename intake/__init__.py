"""Documents and spreadsheets become a plan, with the questions a person must answer (architecture 9)."""
