"""Who must be told about a case, how fast, and what happens if nobody answers; and all paging."""
