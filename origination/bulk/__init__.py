"""One act on many rows: previewed row by row, then done exactly as it was previewed."""
