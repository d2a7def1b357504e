"""The one settings file: it runs at once on a laptop; production is the environment, and `manage.py check`
refuses an unsafe value there (`guichet/checks.py`, ids guichet.E001 and on)."""

import base64
import hashlib
import os
from pathlib import Path
from urllib.parse import unquote, urlparse

from celery.schedules import crontab
from csp.constants import NONE, SELF

from guichet import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("GUICHET_VAR_DIR") or BASE_DIR / "var")
VAR_DIR.mkdir(parents=True, exist_ok=True)

# --- what kind of place this is -------------------------------------------------------------------
PRODUCTION = env.flag("GUICHET_PRODUCTION")
DEMO = env.flag("GUICHET_DEMO", default=not PRODUCTION)
DEBUG = env.flag("GUICHET_DEBUG")
LAPTOP_SECRET = "laptop-only-secret-never-in-production-0123456789abcdef"
SECRET_KEY = env.text("GUICHET_SECRET_KEY", LAPTOP_SECRET)
# Key-encryption keys, "id:base64 of 32 bytes", the current one first. They wrap each dossier's own key.
LAPTOP_KEK = "laptop:" + base64.b64encode(hashlib.sha256(b"laptop-only key-encryption key").digest()).decode()
GUICHET_KEKS = env.names("GUICHET_KEKS", (LAPTOP_KEK,))
# Ed25519 seeds (base64 of 32 bytes) that sign bundles: the first signs, all are known. None: derived from the secret.
GUICHET_SEAL_KEYS = env.names("GUICHET_SEAL_KEYS")
# PEM files of the seal inside the PDFs: certificate (then its chain) and private key. None: one made from the secret.
GUICHET_SEAL_CERTIFICATE = env.text("GUICHET_SEAL_CERTIFICATE")
GUICHET_SEAL_PRIVATE_KEY = env.text("GUICHET_SEAL_PRIVATE_KEY")
GUICHET_SEAL_PASSPHRASE = env.text("GUICHET_SEAL_PASSPHRASE")
# Address of a time-stamping authority (RFC 3161). None: the seal is not dated by a third party.
GUICHET_TSA_URL = env.text("GUICHET_TSA_URL")
# Keys of the fingerprints that link dossiers, "id:base64 of 32 bytes", current first. None: derived from the secret.
GUICHET_TRACE_KEYS = env.names("GUICHET_TRACE_KEYS")
# The second factor of agents: "required" (no entry without one) or "offered". Anything else demands it.
GUICHET_SECOND_FACTOR = env.text("GUICHET_SECOND_FACTOR", "required" if PRODUCTION else "offered")
ALLOWED_HOSTS = env.names("GUICHET_HOSTS", ("127.0.0.1", "localhost", "[::1]"))
# Origins (scheme, host and port) from which a page may open a websocket and post a form.
ORIGINS = env.names("GUICHET_ORIGINS")
CSRF_TRUSTED_ORIGINS = ORIGINS

# --- the house ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "channels",
    "csp",
    "django_htmx",
    "guichet.lib",
    "guichet.audit",
    "guichet.territory",
    "guichet.accounts",
    "guichet.directory",
    "guichet.observatory",
    "diagnostic",
    "victims",
    "tchat",
    "guichet",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "guichet.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "guichet.quick_exit.AfterQuitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "guichet.urls"
WSGI_APPLICATION = "guichet.wsgi.application"
ASGI_APPLICATION = "guichet.asgi.application"
AUTH_USER_MODEL = "accounts.Agent"
LOGIN_URL = "comptes:sign_in"
LOGIN_REDIRECT_URL = "console:desk"
LOGOUT_REDIRECT_URL = "comptes:sign_in"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "guichet.lib.forms.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "guichet.lib.exercise.mark",
            ],
        },
    }
]

# --- data -----------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL")
if DATABASE_URL:
    import psycopg

    from guichet.lib.postgresql.bounded import BoundedConnection

    _url = urlparse(DATABASE_URL)
    # A persistent connection under WSGI; the pool under ASGI, where each request has a thread of its own
    # and CONN_MAX_AGE would only leak (docs/operations.md).
    _pool = env.flag("GUICHET_DB_POOL")
    # Short patience: the pool doubles its wait after each failed attempt, so it gives up early, and a fresh request
    # tries again at once when the server is back.
    _patient = env.flag("GUICHET_DB_PATIENT")
    _POOL = {
        "min_size": 1,
        "max_size": env.whole("GUICHET_DB_POOL_MAX", 12),
        "timeout": 4,
        "reconnect_timeout": 1.5,
        "connection_class": psycopg.Connection if _patient else BoundedConnection,
    }
    # What the server itself ends: a statement, a wait for a lock, a transaction that stands still (a paper is drawn
    # within one), and a session whose host died without a word, so that its rows are not held for two hours.
    _LIMITS = {
        "statement_timeout": 4000,
        "lock_timeout": 3000,
        "idle_in_transaction_session_timeout": 60_000,
        "tcp_keepalives_idle": 10,
        "tcp_keepalives_interval": 5,
        "tcp_keepalives_count": 3,
    }
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql" if _patient else "guichet.lib.postgresql",
            "NAME": unquote(_url.path.lstrip("/")),
            "USER": unquote(_url.username or ""),
            "PASSWORD": unquote(_url.password or ""),
            "HOST": unquote(_url.hostname or ""),
            "PORT": str(_url.port or ""),
            "CONN_MAX_AGE": 0 if _pool else 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "connect_timeout": 3,
                "options": "" if _patient else " ".join(f"-c {name}={value}" for name, value in _LIMITS.items()),
                "keepalives": 1,
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 2,
                "tcp_user_timeout": 8000,
                **({"pool": _POOL} if _pool else {}),
            },
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "guichet.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
            "TEST": {"NAME": VAR_DIR / f"test-{os.getpid()}.sqlite3"},  # two runs of the tests at once
        }
    }

# The bell between processes (tchat/hub.py), the cache and the Celery broker. Empty: everything in this process.
REDIS_URL = env.text("REDIS_URL")
REDIS_PREFIX = env.text("GUICHET_REDIS_PREFIX", "guichet")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that is silent, and not only absent, keeps nobody waiting for the answer to what is already committed.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{REDIS_PREFIX}:celery:",
    "socket_timeout": 3,
    "socket_connect_timeout": 3,
}
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULE = {
    "forget-in-time": {"task": "victims.purge", "schedule": crontab(hour=3, minute=20)},
    "tend-referrals": {"task": "victims.referrals", "schedule": 60.0},
    "remind-of-appointments": {"task": "victims.remind", "schedule": 900.0},
    "follow-opening-hours": {"task": "victims.hours", "schedule": crontab(minute=10)},
    "publish-figures": {"task": "guichet.figures", "schedule": crontab(hour=4, minute=10)},
    "watch-surges": {"task": "victims.surges", "schedule": crontab(minute=40)},
    "watch-threats": {"task": "guichet.threats", "schedule": crontab(minute=2)},
    "write-to-subscribers": {"task": "diagnostic.letters", "schedule": 60.0},
    "forget-unconfirmed": {"task": "victims.subscriptions", "schedule": crontab(minute=25)},
    "scan-what-waits": {"task": "victims.scan", "schedule": 300.0},
    "date-what-waits": {"task": "victims.stamps", "schedule": 60.0},
}

# The antivirus, `tcp://host:3310` or `unix:/run/clamav/clamd.ctl`. Empty: files wait, kept and never called clean.
GUICHET_CLAMAV = env.text("GUICHET_CLAMAV")

FILES_DIR = VAR_DIR / "files"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- what a browser is told -----------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
        "worker-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
# Other sites are told nothing. Under « no-referrer » a form without script would be posted with Origin: null, refused.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
HTTPS = env.flag("GUICHET_HTTPS", default=PRODUCTION)
SECURE_SSL_REDIRECT = HTTPS and env.flag("GUICHET_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^sante/"]
SECURE_HSTS_SECONDS = 63072000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = COOKIE_PREFIX + "agent"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = COOKIE_PREFIX + "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "guichet.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# Identity verified by OpenID Connect (docs/identity.md). Empty: only declared, or seen at the unit.
GUICHET_OIDC_ISSUER = env.text("GUICHET_OIDC_ISSUER")
GUICHET_OIDC_CLIENT_ID = env.text("GUICHET_OIDC_CLIENT_ID")
GUICHET_OIDC_CLIENT_SECRET = env.text("GUICHET_OIDC_CLIENT_SECRET")
GUICHET_OIDC_LEVEL = env.text("GUICHET_OIDC_LEVEL", "eidas1")
GUICHET_OIDC_LABEL = env.text("GUICHET_OIDC_LABEL", "le service d’identité")

# Where « Quitter vite » leads: a page that anybody may be reading.
GUICHET_QUIT_URL = env.text("GUICHET_QUIT_URL", "https://www.wikipedia.org/")

# --- words ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("GUICHET_STATIC_ROOT") or VAR_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "evidence": {
        "BACKEND": "guichet.lib.storage.DurableStorage",
        "OPTIONS": {"location": FILES_DIR, "base_url": None, "file_permissions_mode": 0o600},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Without a server the mails are printed, addresses and links with them: on a laptop only (guichet.E015).
# A misspelt security is the default one.
EMAIL_HOST = env.text("GUICHET_EMAIL_HOST")
EMAIL_PORT = env.whole("GUICHET_EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("GUICHET_EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("GUICHET_EMAIL_PASSWORD")
_email_security = env.text("GUICHET_EMAIL_SECURITY", "starttls")
EMAIL_USE_SSL = _email_security == "tls"
EMAIL_USE_TLS = _email_security not in {"tls", "none"}
EMAIL_TIMEOUT = 10
PRINTED_MAIL = "django.core.mail.backends.console.EmailBackend"
EMAIL_BACKEND = env.text(
    "GUICHET_EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else PRINTED_MAIL
)
DEFAULT_FROM_EMAIL = env.text("GUICHET_FROM_EMAIL", "ne-pas-repondre@guichet.invalid")

# --- logs: an event and ids, never what a person wrote, never an address ---------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"paths": {"()": "guichet.lib.logs.QuietPaths"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["paths"]}},
    "root": {"handlers": ["console"], "level": env.text("GUICHET_LOG_LEVEL", "WARNING")},
    "loggers": {"guichet": {"level": "INFO"}, "tchat": {"level": "INFO"}, "victims": {"level": "INFO"}},
}
