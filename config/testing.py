"""The suite: fixed invented secrets, so that a test needs nothing from the environment."""

PRODUCTION = False
TESTING = True
SESSION_COOKIE_NAME = "form"
SESSION_COOKIE_SECURE = False
SIGN_IN_COOKIE_NAME = "session"

SECRET_KEY = "invented-for-tests"
KEY_RING = "t1=" + "dGVzdC1rZXktb25lLTAwMDAwMDAwMDAwMDAwMDAwMDA="
INDEX_KEY = "dGVzdC1pbmRleC0wMDAwMDAwMDAwMDAwMDAwMDAwMDA="
DATABASE_URL = "sqlite://"
PUBLIC_BASE_URL = "https://line.example.test"
TWILIO_ACCOUNT_SID = "AC00000000000000000000000000000000"
TWILIO_AUTH_TOKENS = "token-of-the-tests,token-before-rotation"
AUDIT_ANCHOR_FILE = ""
WTF_CSRF_ENABLED = True
