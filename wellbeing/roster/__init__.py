"""Who is on call, where, when: shifts of desks, gaps in their coverage."""
