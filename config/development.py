"""One machine for trying things out: plain HTTP on 127.0.0.1 and the pretend carrier."""

PRODUCTION = False
DEMO = True
SESSION_COOKIE_NAME = "form"
SESSION_COOKIE_SECURE = False
SIGN_IN_COOKIE_NAME = "session"
