"""What the room of accounts decides, by subject; it touches no table and no clock."""
