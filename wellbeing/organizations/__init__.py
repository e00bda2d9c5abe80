"""Who belongs where: municipality, districts, schools, universities, and how far a reader sees."""
