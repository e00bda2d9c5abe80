"""The door for access beyond one's own cases: asked for, decided, broken into, reviewed."""
