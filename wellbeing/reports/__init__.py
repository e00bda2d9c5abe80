"""Figures for supervisors and their exports. What they count is written by other rooms."""
