"""Pages of cases: the list, one case, every change of it, passing it on."""
