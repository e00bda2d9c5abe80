"""What waits on whom, across rooms: my work, the supervisor's wall. Queries only."""
