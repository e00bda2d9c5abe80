"""The one table of what a fact leads to, and the steps that it names."""
