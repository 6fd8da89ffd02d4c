"""What Duban costs, measured: ``python -m bench`` prints the tables that ``docs/performance.md`` quotes."""
