"""The office's own workbook: a plan or waiting reports out to Excel and back without loss."""
