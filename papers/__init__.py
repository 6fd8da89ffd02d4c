"""Documents: the office's workbooks."""
