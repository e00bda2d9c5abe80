"""The door of gunicorn: `gunicorn wsgi:app`."""

from wellbeing.app import create_app

app = create_app()
