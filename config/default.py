"""How the service runs anywhere: sensible in production and fit to be public. No secrets."""

MAX_CONTENT_LENGTH = 256 * 1024
MAX_FORM_MEMORY_SIZE = 256 * 1024
MAX_FORM_PARTS = 1_000

LANGUAGES = ("zh", "en")
BABEL_DEFAULT_LOCALE = "zh"
BABEL_DEFAULT_TIMEZONE = "Asia/Shanghai"

SESSION_COOKIE_NAME = "__Host-form"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SIGN_IN_COOKIE_NAME = "__Host-session"
WTF_CSRF_TIME_LIMIT = None
WTF_CSRF_SSL_STRICT = True

SQLALCHEMY_TRACK_MODIFICATIONS = False

PRODUCTION = True
DEMO = False
LOG_LEVEL = "INFO"
TELEPHONY_BASE_URL = None
TWILIO_API_KEY = None
TWILIO_API_SECRET = None
CLOCK_FILE = None
METRICS_TOKEN = None
HEARTBEAT_FILE = None
HEARTBEAT_URL = None

REQUIRED = (
    "SECRET_KEY",
    "DATABASE_URL",
    "PUBLIC_BASE_URL",
    "KEY_RING",
    "INDEX_KEY",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKENS",
    "AUDIT_ANCHOR_FILE",
)
"""Names that the environment must give; all missing ones are listed at once."""

OPTIONAL = (
    "TELEPHONY_BASE_URL",
    "TWILIO_API_KEY",
    "TWILIO_API_SECRET",
    "CLOCK_FILE",
    "LOG_LEVEL",
    "METRICS_TOKEN",
    "HEARTBEAT_FILE",
    "HEARTBEAT_URL",
)
"""Names that the environment may give."""
