"""What a report counts, over which days, and which of its figures are too small to show."""
