"""Staff: their roles, permissions, grants, and how they sign in."""
