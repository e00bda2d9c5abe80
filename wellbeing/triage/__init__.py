"""Answers and words become a risk level: signals, screenings, assessments."""
