"""The engine run ahead of time: forecast, preview, simulation, and what a change would do."""
