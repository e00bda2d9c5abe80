"""Tables of cases, by what they hold: the case itself, people, plans."""
