"""Every setting. Only this file reads the environment and `.env`; a wrong value stops the start by name."""

import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from generation.engine.config import BUCKETS, ExecutorName
from generation.params import IMAGES_MAX, STEPS_MAX, OutputFormat, RequestType, SchedulerName
from sdsite.brokers import BROKERS, impatient_options, transport_options
from sdsite.caches import cache_at
from sdsite.databases import database_from
from sdsite.networks import NEAR, Network, network_from
from sdsite.pictures import pictures_at
from sdsite.policies import CONTENT
from sdsite.secret import secret_key_from

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(BASE_DIR / ".env", recurse=False)

positive = validate.Range(min=1)
webhook_secret = validate.Regexp(r"^whsec_[\w+/=-]+$")

DEBUG: bool = env.bool("DEBUG", False)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
HOST: str = env.str("HOST", "127.0.0.1")
PORT: int = env.int("PORT", 8000, validate=validate.Range(min=1, max=65535))
LOG_LEVEL: str = env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"]))

# How the lines of the log look: for people at a terminal, for machines elsewhere.
LOG_FORMAT: str = env.str(
    "LOG_FORMAT",
    "text" if DEBUG or sys.stderr.isatty() else "json",
    validate=validate.OneOf(["text", "json"]),
)
# Seconds after which an answer counts as slow and is warned of, but for those that wait for a picture.
SLOW_REQUEST_SECONDS: float = env.float("SLOW_REQUEST_SECONDS", 5.0, validate=validate.Range(min=0.01))

# Who is told of errors, and who of spans. Each needs packages that are not in requirements.txt.
SENTRY_DSN: str = env.str("SENTRY_DSN", "", validate=validate.Regexp(r"^$|^https?://."))
OTEL_EXPORTER_OTLP_ENDPOINT: str = env.str(
    "OTEL_EXPORTER_OTLP_ENDPOINT", "", validate=validate.Regexp(r"^$|^https?://.")
)

# The only folder that is written to: the database, the pictures, the key.
DATA_DIR: Path = BASE_DIR / env.path("DATA_DIR", Path("var"))
DATA_DIR.mkdir(parents=True, exist_ok=True)
SECRET_KEY: str = env.str("SECRET_KEY", "") or secret_key_from(DATA_DIR / "secret_key")

# The model: the shipped one when empty; else a diffusers folder, a .safetensors file, or owner/name@<40 hex
# digits> of the hub. SD_MODEL_CONFIG is the diffusers folder that tells the architecture of a single file.
SD_MODEL: str = env.str("SD_MODEL", "")
SD_MODEL_CONFIG: Path | None = env.path("SD_MODEL_CONFIG", None)
SD_DEVICE: str = env.str("SD_DEVICE", "auto", validate=validate.Regexp(r"^(auto|cpu|mps|cuda(:\d+)?)$"))
SD_DTYPE: str = env.str(
    "SD_DTYPE", "auto", validate=validate.OneOf(["auto", "float32", "float16", "bfloat16"])
)
SD_THREADS: int = env.int("SD_THREADS", 0, validate=validate.Range(min=0, max=1024))
SD_EXECUTOR = ExecutorName(
    env.str("SD_EXECUTOR", ExecutorName.AUTO, validate=validate.OneOf(list(ExecutorName)))
)
# The most rows of a tick; 0 has them measured.
SD_MAX_ROWS: int = env.int("SD_MAX_ROWS", 0, validate=validate.Range(min=0, max=BUCKETS[-1]))
# The folder of an AutoencoderTiny: it decodes previews, and the pictures as well if SD_TINY_PICTURES is set.
SD_TINY_DECODER: Path | None = env.path("SD_TINY_DECODER", None)
SD_TINY_PICTURES: bool = env.bool("SD_TINY_PICTURES", False)
# Seconds after which a tick counts as stuck, which health-check shows.
SD_TICK_TIMEOUT: float = env.float("SD_TICK_TIMEOUT", 120.0, validate=validate.Range(min=1.0))
# The dotted name of the engine's class. The benchmark sets it to measure others in our place.
SD_ENGINE: str = env.str(
    "SD_ENGINE", "generation.engine.engine.Engine", validate=validate.Regexp(r"^\w+(\.\w+)+$")
)

# How many generations the engine is given at a time; it shares its steps among them.
WORKER_THREADS: int = env.int("WORKER_THREADS", 32, validate=validate.Range(min=1, max=256))
# Seconds without a sign of life after which a worker counts as lost, and what it drew is drawn by another.
LEASE_SECONDS: int = env.int("LEASE_SECONDS", 20, validate=validate.Range(min=2, max=3600))
# Seconds that a stop leaves to what is being drawn. What is not done by then waits for the next start.
SHUTDOWN_GRACE: int = env.int("SHUTDOWN_GRACE", 30, validate=validate.Range(min=0, max=3600))
QUEUE_LIMIT: int = env.int("QUEUE_LIMIT", 256, validate=positive)
# How many clients may watch their generations at once, each in a thread of its own.
EVENT_STREAMS: int = env.int("EVENT_STREAMS", 64, validate=validate.Range(min=0, max=4096))
# Threads that answer requests. Some are never kept by those who watch or wait: health and status always find one.
SPARE_THREADS = 16
THREADS: int = env.int(
    "THREADS",
    min(QUEUE_LIMIT, 256) + EVENT_STREAMS + SPARE_THREADS,
    validate=validate.Range(min=EVENT_STREAMS + SPARE_THREADS + 1),
)
WAITING_REQUESTS = THREADS - EVENT_STREAMS - SPARE_THREADS
GENERATION_TIMEOUT: int = env.int("GENERATION_TIMEOUT", 600, validate=positive)
# No picture is begun when the disk has less room than this.
STORAGE_RESERVE_BYTES: int = 2**20 * env.int("STORAGE_RESERVE_MB", 200, validate=validate.Range(min=0))
MAX_PIXELS: int = env.int("MAX_PIXELS", 1024 * 1024, validate=validate.Range(min=64 * 64, max=2048 * 2048))
MAX_STEPS: int = env.int("MAX_STEPS", STEPS_MAX, validate=validate.Range(min=1, max=STEPS_MAX))
MAX_IMAGES: int = env.int("MAX_IMAGES", IMAGES_MAX, validate=validate.Range(min=1, max=IMAGES_MAX))

# What those get whose plan says nothing else.
DEFAULT_ALLOWANCE: int = env.int("DEFAULT_ALLOWANCE", 100, validate=validate.Range(min=0, max=2**31))
DEFAULT_UNFINISHED: int = env.int("DEFAULT_UNFINISHED", 32, validate=positive)
DEFAULT_RATE_LIMIT: int = env.int("DEFAULT_RATE_LIMIT", 60, validate=positive)
# Days that pictures are kept once they are drawn; 0 for ever.
PICTURES_RETENTION_DAYS: int = env.int(
    "PICTURES_RETENTION_DAYS", 0, validate=validate.Range(min=0, max=36_500)
)
QUOTA_PERIOD: str = env.str("QUOTA_PERIOD", "month", validate=validate.OneOf(["month", "day", "never"]))
TOKEN_LIFETIME = timedelta(days=env.int("TOKEN_LIFETIME_DAYS", 30, validate=validate.Range(min=1, max=3650)))

# Payment for credits is set up with a key, at least one webhook secret (several while they are changed) and a price.
STRIPE_SECRET_KEY: str = env.str(
    "STRIPE_SECRET_KEY", "", validate=validate.Regexp(r"^$|^(sk|rk)_(live|test)_\w+$")
)
# Whether payments move money. Events and sessions of the other kind count for nothing.
STRIPE_LIVE: bool = STRIPE_SECRET_KEY[3:7] == "live"
STRIPE_WEBHOOK_SECRET: list[str] = env.list(
    "STRIPE_WEBHOOK_SECRET", [], validate=lambda secrets: all(map(webhook_secret, secrets))
)
STRIPE_API_BASE: str = env.str(
    "STRIPE_API_BASE", "https://api.stripe.com", validate=validate.Regexp(r"^https?://[^/?#\s]+$")
)
# Of one credit, in the currency's smallest unit: cents, or yen.
CREDIT_PRICE: Decimal = env.decimal("CREDIT_PRICE", Decimal(0), validate=validate.Range(min=0, max=10**6))
CURRENCY: str = env.str("CURRENCY", "usd", validate=validate.Regexp(r"^[a-z]{3}$"))

# How often, as in 10/15m; empty for no limit. Of passwords, the wrong ones count.
rate = validate.Regexp(
    r"^([1-9]\d{0,8}/([1-9]\d{0,4})?[smhd])?$", error="Say it as in 10/15m, or leave it empty."
)
RATELIMIT_ENABLE: bool = env.bool("RATE_LIMITS", True)
RATE_REGISTER: str = env.str("RATE_REGISTER", "20/h", validate=rate)
RATE_LOGIN: str = env.str("RATE_LOGIN", "10/15m", validate=rate)
RATE_LOGIN_ACCOUNT: str = env.str("RATE_LOGIN_ACCOUNT", "100/h", validate=rate)
RATE_LOGIN_ADDRESS: str = env.str("RATE_LOGIN_ADDRESS", "100/h", validate=rate)
RATE_RESET_ACCOUNT: str = env.str("RATE_RESET_ACCOUNT", "5/h", validate=rate)
RATE_RESET_ADDRESS: str = env.str("RATE_RESET_ADDRESS", "20/h", validate=rate)
# How many proxies stand before the server; each adds whom it was asked by to X-Forwarded-For, and the first says in
# X-Forwarded-Proto whether that was over https.
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=10))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None

# Who may have an account: whoever comes, whoever has an invitation, or whom staff approve.
REGISTRATION: str = env.str("REGISTRATION", "open", validate=validate.OneOf(["open", "invited", "approved"]))
# Whether an address has to be confirmed by a letter before it can be used.
EMAIL_CONFIRMATION: bool = env.bool("EMAIL_CONFIRMATION", False)
# How long the one-time link of a letter is good, in seconds.
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60

# Networks that are not public and may get webhooks all the same, also by plain http, as in 10.0.0.0/8.
WEBHOOK_ALLOWED_NETWORKS: list[Network] = env.list("WEBHOOK_ALLOWED_NETWORKS", [], subcast=network_from)

# Networks from which /live and /ready may be asked without a token: this machine and private ones.
PROBE_NETWORKS: list[Network] = env.list("PROBE_NETWORKS", NEAR, subcast=network_from)

# Networks that may read /metrics without a token, as in 10.0.0.0/8.
METRICS_NETWORKS: list[Network] = env.list("METRICS_NETWORKS", [], subcast=network_from)

# Letters go to the console unless a mail server is named.
EMAIL_HOST: str = env.str("EMAIL_HOST", "")
EMAIL_PORT: int = env.int("EMAIL_PORT", 587, validate=validate.Range(min=1, max=65535))
EMAIL_HOST_USER: str = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD: str = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS: bool = env.bool("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "no-reply@localhost")

MAX_BODY_BYTES: int = env.int("MAX_BODY_BYTES", 2**20, validate=validate.Range(min=1024))
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
# Room for an image and a mask of the largest size as base64.
MAX_IMAGE_BODY_BYTES: int = env.int("MAX_IMAGE_BODY_BYTES", 54 * 2**20, validate=validate.Range(min=1024))

INSTALLED_APPS = [
    "sdsite.staff",
    "sdsite.studio",
    "accounts",
    "generation",
    "monitoring",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_ratelimit",
    "sdsite.staff.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "sdsite.staff.apps.DevicesConfig",
    "sdsite.staff.apps.RecoveryConfig",
]

MIDDLEWARE = [
    "sdsite.middleware.RequestIdMiddleware",
    "csp.middleware.CSPMiddleware",
    "sdsite.policies.PermissionsPolicyMiddleware",
    "sdsite.middleware.BodyLimitMiddleware",
    "sdsite.middleware.RefusalMiddleware",
    "sdsite.middleware.SecureCookiesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sdsite.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "sdsite.urls"
WSGI_APPLICATION = "sdsite.wsgi.application"
APPEND_SLASH = False

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
                "sdsite.studio.words.words",
            ],
        },
    },
]

DATABASES = {
    "default": database_from(
        env.str("DATABASE_URL", ""),
        env.int("DATABASE_POOL_SIZE", 20, validate=positive),
        DATA_DIR / "db.sqlite3",
    )
}
REDIS_URL: str = env.str(
    "REDIS_URL", "", validate=validate.Regexp(r"^$|^(rediss?|unix)://.", error="It is no address of a Redis.")
)
CACHES = {"default": cache_at(REDIS_URL)}
if not REDIS_URL:
    # They say that this cache is not shared, and may not be atomic. One process has nobody to share it with, and the
    # cache adds and counts under a lock. Where there are more, REDIS_URL is set, and the checks hold.
    SILENCED_SYSTEM_CHECKS = ["django_ratelimit.E003", "django_ratelimit.W001"]

# With a broker the service is many processes: those that answer never draw, those that draw are Celery's workers.
CELERY_BROKER_URL: str = env.str(
    "CELERY_BROKER_URL",
    "",
    validate=validate.Regexp(BROKERS, error="It is no address of a Redis or RabbitMQ."),
)
MANY_MACHINES: bool = bool(CELERY_BROKER_URL)
WEB_PROCESSES: int = env.int(
    "WEB_PROCESSES", 2 if MANY_MACHINES else 1, validate=validate.Range(min=1, max=64)
)
if MANY_MACHINES and not (REDIS_URL and DATABASES["default"]["ENGINE"].endswith("postgresql")):
    raise ImproperlyConfigured(
        "CELERY_BROKER_URL makes the service many processes, which need DATABASE_URL and REDIS_URL as well."
    )
if WEB_PROCESSES > 1 and not MANY_MACHINES:
    raise ImproperlyConfigured("More than one of WEB_PROCESSES need CELERY_BROKER_URL, or each would draw.")
# Who rings and tells: within one process, or across several.
EXCHANGE: str = f"generation.dispatch.{'network.Network' if MANY_MACHINES else 'exchange.'}Exchange"

# For whoever talks to the broker, and beside it for whoever rings, who waits for nothing.
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options(CELERY_BROKER_URL, GENERATION_TIMEOUT)
BELL_TRANSPORT_OPTIONS = impatient_options(CELERY_BROKER_URL)
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TASK_DEFAULT_QUEUE = "generations"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["accounts.backends.SessionBackend"]
# Whether staff need a second step, a code of a device of theirs, before they see the admin site.
STAFF_TWO_FACTOR: bool = env.bool("STAFF_TWO_FACTOR", False)
OTP_TOTP_ISSUER = "Stable Diffusion service"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
LOGIN_URL = "session"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "accounts.permissions.HasScope",
    ],
    "DEFAULT_PARSER_CLASSES": ["sdsite.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "sdsite.browsable.BrowsableRenderer",
    ],
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "sdsite.schema.OperationSchema",
    "EXCEPTION_HANDLER": "sdsite.problems.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Stable Diffusion service",
    "VERSION": "1.0.0",
    "SERVERS": [{"url": "/api/v1"}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": True,
    "COMPONENT_SPLIT_PATCH": False,
    "AUTHENTICATION_WHITELIST": ["accounts.authentication.TokenAuthentication"],
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_NAME_OVERRIDES": {
        "OutputFormat": list(OutputFormat),
        "RequestType": list(RequestType),
        "Scheduler": list(SchedulerName),
        "Scope": "accounts.models.Scope",
        "GrantedScope": ["generate", "read"],
        "LedgerKind": "accounts.models.Kind",
        "IncreaseStatus": "accounts.models.IncreaseStatus",
        "Status": "generation.models.Status",
        "Part": ["ok", "failed"],
        "SharedPart": ["ok", "failed", "unused"],
        "EngineState": ["loading", "ready", "stuck", "lost", "failed", "stopped"],
    },
    "APPEND_COMPONENTS": {
        "schemas": {
            "Document": {"type": "object", "description": "An OpenAPI document.", "additionalProperties": {}}
        }
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "sdsite" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = ["sdsite.formats"]

# Of the bucket in PICTURES_URL. Without them the machine's own are asked for, as boto3 does.
AWS_ACCESS_KEY_ID: str | None = env.str("AWS_ACCESS_KEY_ID", "") or None
AWS_SECRET_ACCESS_KEY: str | None = env.str("AWS_SECRET_ACCESS_KEY", "") or None
AWS_SESSION_TOKEN: str | None = env.str("AWS_SESSION_TOKEN", "") or None

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "sdsite" / "static"]
# What is served from the root of the site: the icon, which browsers ask for where a page names none.
WHITENOISE_ROOT = BASE_DIR / "sdsite" / "root"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "pictures": pictures_at(env.str("PICTURES_URL", ""), DATA_DIR / "pictures"),
    "staticfiles": {"BACKEND": "sdsite.staticfiles.HashedStorage"},
}

CONTENT_SECURITY_POLICY = CONTENT
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# For how long browsers that came by https come by nothing else. It cannot be taken back.
SECURE_HSTS_SECONDS: int = env.int("SECURE_HSTS_SECONDS", 0, validate=validate.Range(min=0, max=2**31 - 1))

SESSION_ENGINE = "sdsite.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Scripts find the token in the page.
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "sdsite.refusals.csrf_failure"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "trail": {"()": "sdsite.logs.TrailFilter"},
        "traceback": {"()": "sdsite.logs.TracebackFilter"},
    },
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} {name} [{trail}] {message}",
            "style": "{",
        },
        "json": {"()": "sdsite.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line" if LOG_FORMAT == "text" else "json",
            "filters": ["trail"],
        },
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR", "filters": ["traceback"]},
        # At INFO it tells of every call, at DEBUG of what was in it: e-mail addresses.
        "stripe": {"level": "WARNING"},
        # At INFO it tells of every task, which says no more than that somebody rang.
        "celery": {"level": "WARNING"},
        # It tells its cache statistics at every exit.
        "torch": {"level": "WARNING"},
        # It says of every CLIP model that torchvision is not installed, which nothing here needs.
        "transformers.utils.import_utils": {"level": "ERROR"},
    },
}
