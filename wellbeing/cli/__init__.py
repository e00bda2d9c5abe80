"""Commands for operators and editors of policy: `flask --app wsgi COMMAND`."""
