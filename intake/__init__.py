"""Documents and spreadsheets become a plan, with the questions a person must answer (DESIGN invariant 9)."""
