"""What is done with cases: opening, changes, notes, duties and holds, entries."""
