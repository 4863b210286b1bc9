"""Settings, all read from the environment; without it they are the safe ones for production.

A variable ``NAME`` can also be given as ``NAME_FILE``, the path of a file that holds the value.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from waitlessq.db.pooled import PooledConnection
from waitlessq.redis import pool_options

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()  # type: ignore[no-untyped-call]

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
REPLAY_CLOCK = env.bool("REPLAY_CLOCK", default=False)

# Transport: everything is HTTPS unless the environment says that this is a local stack without it.
HTTPS = env.bool("HTTPS", default=True)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^health$"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_EDGE", default=HTTPS):
    # The edge overwrites this header, so a client cannot forge it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "waitlessq",
    "events",
    "providers",
    "appointments",
    "queues",
    "notifications",
    "integrations",
    "pwa",
    "console",
    "allauth",
    "allauth.account",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "pwa.middleware.AppHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "waitlessq.middleware.PermissionsPolicyMiddleware",
    "waitlessq.middleware.ReadYourWritesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "waitlessq.language.PageLanguageMiddleware",
    "waitlessq.limits.RateLimitMiddleware",
    "pwa.middleware.AppOriginMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "waitlessq.middleware.SlidingSessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

if REPLAY_CLOCK:
    MIDDLEWARE.insert(0, "integrations.middleware.ReplayClockMiddleware")

ROOT_URLCONF = "waitlessq.urls"
WSGI_APPLICATION = "waitlessq.wsgi.application"

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
            ],
        },
    },
]


DATABASE_TIMEOUTS_MS = {
    "lock_timeout": 5_000,
    "statement_timeout": 15_000,
    "idle_in_transaction_session_timeout": 15_000,
}
POOLS_CONNECTIONS = env.bool("DATABASE_POOL", default=False)
# What each process keeps open, and what it opens besides while it needs more.
PRIMARY_POOL = (
    env.int("DATABASE_POOL_SIZE", default=20),
    env.int("DATABASE_POOL_OVERFLOW", default=30),
)
REPLICA_POOL = (
    env.int("REPLICA_POOL_SIZE", default=50),
    env.int("REPLICA_POOL_OVERFLOW", default=50),
)
# A pool that waits longer makes every request hang when its database is gone.
POOL_TIMEOUT_SECONDS = 2.0
# Less, since there is the primary to turn to.
REPLICA_POOL_TIMEOUT_SECONDS = 0.5
# In transaction mode a connection is another one each time: nothing can be set or prepared on it.
PGBOUNCER = env.bool("PGBOUNCER", default=False)
# How many connections a server takes, and how many processes open pools (see waitlessq.checks).
DATABASE_CONNECTIONS = env.int("DATABASE_CONNECTIONS", default=1000)
WEB_PODS_MAX = env.int("WEB_PODS_MAX", default=4)
WEB_WORKERS = env.int("WEB_WORKERS", default=2)
REPLICA_LAG_SECONDS = env.float("REPLICA_LAG_SECONDS", default=5.0)


def database(url: str, pool: tuple[int, int]) -> dict[str, Any]:
    """Django's settings for the PostgreSQL server at ``url``; ``pool`` is its size and overflow.

    The time limits are short so that a database that is gone costs a request two seconds and not
    thirty.
    """
    options: dict[str, Any] = {"connect_timeout": 2, "server_side_binding": True}
    if not PGBOUNCER:
        timeouts = " ".join(f"-c {name}={ms}" for name, ms in DATABASE_TIMEOUTS_MS.items())
        # Statements that come again are planned once a connection.
        options |= {"options": timeouts, "prepare_threshold": 5}
    if POOLS_CONNECTIONS:
        size, overflow = pool
        options["pool"] = {
            "min_size": size,
            "max_size": size + overflow,
            "timeout": POOL_TIMEOUT_SECONDS,
            # It pauses longer after each failure: a server that is back would be kept waiting for
            # as long again as it was gone. Who asks for a connection begins anew.
            "reconnect_timeout": POOL_TIMEOUT_SECONDS,
            "connection_class": PooledConnection,
        }
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(
            "A database is given as postgres://user:password@host:port/name."
        )
    config: dict[str, Any] = environ.Env.db_url_config(url)  # type: ignore[no-untyped-call]
    return config | {
        "OPTIONS": options,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


DATABASES = {"default": database(env.str("DATABASE_URL"), PRIMARY_POOL)}
for index, replica_url in enumerate(env.list("REPLICA_URLS", default=[]), start=1):
    DATABASES[f"replica{index}"] = database(replica_url, REPLICA_POOL) | {
        "ENGINE": "waitlessq.db.replica",
        "TEST": {"MIRROR": "default"},
    }
    if POOLS_CONNECTIONS:
        DATABASES[f"replica{index}"]["OPTIONS"]["pool"]["timeout"] = REPLICA_POOL_TIMEOUT_SECONDS
DATABASE_ROUTERS = ["waitlessq.db.router.ReplicaRouter"] if len(DATABASES) > 1 else []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_TIMEOUT_SECONDS = 0.3
REDIS_URL = env.str("REDIS_URL")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "waitlessq",
        "OPTIONS": {
            # A cache that is gone makes answers slower, never wrong and never a failure.
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "CONNECTION_POOL_KWARGS": pool_options(REDIS_URL),
        },
    },
    "limits": {"BACKEND": "waitlessq.limits.CountingCache"},
}

# How often one may ask: a number and a time. Fixed windows.
RATE_PER_ADDRESS = env.str("RATE_PER_ADDRESS", default="1000/m")
RATE_PER_KEY = env.str("RATE_PER_KEY", default="100/m")
RATE_PER_MEMBER = env.str("RATE_PER_MEMBER", default="100/m")
# A desk asks at each change at its location.
RATE_OF_PAGES = env.str("RATE_OF_PAGES", default="600/m")
# By the name of a route: the rates of its POSTs, and what they are counted by: an address, a
# member, or what was typed into a field.
RATES_OF_POSTS: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    "account_login": [
        ("20/m", ("address",)),
        ("5/5m", ("address", "login")),
        ("50/h", ("login",)),
    ],
    "account_reset_password": [("20/m", ("address",)), ("5/h", ("email",))],
    "account_confirm_login_code": [("10/m", ("address",))],
    "console-board-pair": [("10/m", ("member",))],
    "board-pair": [("10/m", ("address",))],
    # A waiting room full of phones has one address.
    "customer-join": [("60/m", ("address",))],
    "join": [("60/m", ("address",))],
    # Each keeps a time for five minutes, or for good: so many at once from one address.
    "public-holds": [("30/5m", ("address",))],
    "public-waitlist": [("30/5m", ("address",))],
    "public-appointments": [("30/5m", ("address",))],
    "public-series": [("6/5m", ("address",))],
    # A room full of phones again; nobody is to try all codes of the hall.
    "check-in-appointment": [("30/m", ("address",))],
    "booking-check-in": [("30/m", ("address",))],
    # Nobody types faster, and nobody is to try all numbers.
    "kiosk-check-in": [("20/m", ("address",))],
}
# Only they may say in X-Forwarded-For whom they speak for: addresses, networks, or "unix".
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
RATE_UNLIMITED_ADDRESSES = env.list("RATE_UNLIMITED_ADDRESSES", default=[])
RATELIMIT_USE_CACHE = "limits"

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
# From when one was last seen, give or take a sixth; nothing is written for each request.
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", default=3600)

AUTH_USER_MODEL = "providers.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "providers.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SESSION_REMEMBER = True
# RATES_OF_POSTS is for them as well, and holds without Redis.
ACCOUNT_RATE_LIMITS = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "console-home"

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST", "")
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="WaitLessQ <noreply@localhost>")

# Push messages are signed with the first one, and those to browsers that subscribed with another
# with that. Without any nothing is pushed.
VAPID_PRIVATE_KEYS = env.list("VAPID_PRIVATE_KEYS", default=[])

LANGUAGE_CODE = "en"
# Each in its own script: whoever looks for a language may not read another.
LANGUAGES = [("en", "English"), ("he", "עברית"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = int(timedelta(days=365).total_seconds())
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
FORM_RENDERER = "waitlessq.forms.FormRenderer"
TIME_ZONE = "UTC"
USE_TZ = True

# Where links in mails lead, since no request says it; without it mails have none.
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "build" / "static"))
PWA_ROOT = env.str("PWA_ROOT", default=str(BASE_DIR / "build" / "apps"))
APPS_DOMAIN = env.str("APPS_DOMAIN", default="").lower()
STREAMS_URL = env.str("STREAMS_URL", default="/streams/")
STREAM_SHARDS = env.list("STREAM_SHARDS", default=[])
_streams = urlsplit(STREAMS_URL)
STREAM_SOURCES = [f"{_streams.scheme}://{_streams.netloc}"] if _streams.netloc else []
# What a page may load: its own. A page with a policy of its own, as an app, keeps that.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, *STREAM_SOURCES],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "frame-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
# Names that hold a hash of the content never change: Django's, and those of the app's parts.
WHITENOISE_IMMUTABLE_FILE_TEST = r"(\.[0-9a-f]{12}|-[A-Z0-9]{8})\.\w+\Z"
FILE_UPLOAD_HANDLERS = ["waitlessq.uploads.BoundedUploadHandler"]
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "apps": {"BACKEND": "pwa.storage.AppFolders"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
PWA_BUCKET = env.str("PWA_BUCKET", default="")
if PWA_BUCKET:
    # Who it is comes from the environment as for every such program: AWS_ACCESS_KEY_ID and so on.
    STORAGES["apps"] = {
        "BACKEND": "pwa.storage.AppBucket",
        "OPTIONS": {
            "bucket_name": PWA_BUCKET,
            "endpoint_url": env.str("PWA_BUCKET_ENDPOINT", default="") or None,
            "region_name": env.str("PWA_BUCKET_REGION", default="") or None,
            "location": env.str("PWA_BUCKET_PREFIX", default=""),
        },
    }

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "integrations.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["waitlessq.api.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "waitlessq.api.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "waitlessq.api.problems.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "WaitLessQ API",
    "VERSION": "1",
    "DESCRIPTION": "Walk-in queues for service providers. Errors are RFC 9457 problem details.",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "AppointmentState": "appointments.models.AppointmentState",
        "Ask": "queues.models.Ask",
        "AvailabilityRuleKind": "appointments.models.RuleKind",
        "AvailabilityExceptionKind": "appointments.models.ExceptionKind",
        "ResourceKind": "appointments.models.ResourceKind",
        "QueueStatus": "queues.models.QueueStatus",
        "TicketState": "queues.models.TicketState",
        "WaitlistState": "appointments.models.WaitlistState",
        "Language": LANGUAGES,
        "MemberRole": "providers.models.Role",
    },
}

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    # Whoever sends a task must not wait for a broker that is gone or frozen.
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "max_retries": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "forget-expired-holds": {
        "task": "appointments.tasks.forget_expired_holds",
        "schedule": timedelta(minutes=10),
        "options": {"expires": 600},
    },
    "send-appointment-mails": {
        "task": "appointments.tasks.send_appointment_mails",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    # Mostly for what is tried again: at once, a worker is woken.
    "send-due-notifications": {
        "task": "notifications.tasks.send_due_notifications",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "forget-subscriptions": {
        "task": "notifications.tasks.forget_subscriptions",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "offer-freed-slots": {
        "task": "appointments.tasks.offer_freed_slots",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "read-busy-feeds": {
        "task": "appointments.tasks.read_busy_feeds",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "build-overdue-apps": {
        "task": "pwa.tasks.build_overdue_apps",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "recheck-domains": {
        "task": "pwa.tasks.recheck_domains",
        "schedule": timedelta(hours=6),
        "options": {"expires": 3600},
    },
    "forget-idempotency-records": {
        "task": "events.tasks.forget_idempotency_records",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    # Days end in each time zone at another hour.
    "roll-up-figures": {
        "task": "queues.tasks.roll_up_figures",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
}

METRICS_PORT = env.int("METRICS_PORT", default=0)
METRICS_ADDRESS = env.str("METRICS_ADDRESS", default="127.0.0.1")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "waitlessq.logs.SafeFormatter",
            "fmt": "%(levelname)s %(name)s: %(message)s",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # One "Not Found" line for each 4xx says nothing that the access log does not.
        "django.request": {"level": "ERROR"},
    },
}
