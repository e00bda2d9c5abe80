"""What the line says and does when somebody texts or calls, and while they wait."""
