"""The door of staff: server-rendered pages for everybody who works on the line."""
