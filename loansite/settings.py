"""The project's settings: development by default, production by ``LOANSITE_ENV=production``.

Every variable is listed in the README; a test keeps that table complete.
"""

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from loansite import env
from ml.artefacts import keys
from ml.atomic_files import is_shared, restrict_to_owner

BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = env.choice("LOANSITE_ENV", ["development", "production"], "development") == "production"
DEBUG = env.boolean("LOANSITE_DEBUG", default=False)
VAR = Path(env.text("LOANSITE_VAR", str(BASE_DIR / "var")))
_KEPT = ["db.sqlite3", "secret.key", "artefact.key", "artefacts", "training", "batches", "static", "throttle"]
if is_shared(VAR, _KEPT):
    raise ImproperlyConfigured(
        f"LOANSITE_VAR is {str(VAR)!r}, which holds files of others; expected a directory of this site alone."
    )
restrict_to_owner(VAR)  # before anything is written
VAR.mkdir(parents=True, exist_ok=True)

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("LOANSITE_DEBUG must be off in production.")
    SECRET_KEY = keys.check_key(env.text("LOANSITE_SECRET_KEY"), "LOANSITE_SECRET_KEY").decode()
    ARTEFACT_KEY = keys.check_key(env.text(keys.KEY_VARIABLE), keys.KEY_VARIABLE)
    ALLOWED_HOSTS = env.names("LOANSITE_ALLOWED_HOSTS", env.text("LOANSITE_ALLOWED_HOSTS"))
else:
    SECRET_KEY = keys.read_or_create_key(VAR / "secret.key", "LOANSITE_SECRET_KEY").decode()
    ARTEFACT_KEY = keys.read_or_create_key(VAR / "artefact.key")
    ALLOWED_HOSTS = env.names("LOANSITE_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("LOANSITE_ALLOWED_HOSTS is empty or '*'; expected the names of the site.")

ARTEFACTS = VAR / "artefacts"
TRAINING_FILES = VAR / "training"
BATCH_FILES = VAR / "batches"
ARTICLE_ENDPOINT = env.choice("LOANSITE_ARTICLE_ENDPOINT", ["token", "open", "off"], "token")
MAX_ROWS = env.integer("LOANSITE_MAX_ROWS", 10_000, minimum=1)
MAX_FILE = env.integer("LOANSITE_MAX_FILE", 256 * 1024 * 1024, minimum=1024)
RETENTION_MONTHS = env.integer("LOANSITE_RETENTION_MONTHS", 25, minimum=1, maximum=1200)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_500  # the draft of a product has four for each of up to 500 columns
DATA_UPLOAD_MAX_MEMORY_SIZE = env.integer("LOANSITE_MAX_BODY", 8 * 1024 * 1024, minimum=1024)

INSTALLED_APPS = [
    "predictions.apps.LoansiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "corsheaders",
    "csp",
    "django_filters",
    "django_tasks_db",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "knox",
    "rest_framework",
    "predictions.apps.PredictionsConfig",  # last: it registers its own admin of knox's tokens
]
MIDDLEWARE = [
    "predictions.requests.middleware.RequestIdMiddleware",
    "predictions.requests.middleware.ProbeMiddleware",
    "predictions.requests.middleware.MovedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "predictions.requests.middleware.PrivateRepliesMiddleware",
    "predictions.requests.middleware.TimeZoneMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "predictions.requests.products.ProductMiddleware",
    "predictions.requests.bodies.BodyMiddleware",
    "predictions.requests.middleware.TakenFormMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "predictions.requests.middleware.UnavailableMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "loansite.urls"
WSGI_APPLICATION = "loansite.wsgi.application"
APPEND_SLASH = True
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
                "predictions.web.presentation.model_in_use",
            ],
        },
    },
]

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL lets readers and one writer work side by side; IMMEDIATE makes writers queue instead of failing.
    # Pages wait in it (32 MB) until they are worth the trip to the main file: an array touches many twice.
    DATABASES["default"] |= {
        "ENGINE": "loansite.sqlite3",
        "CONN_MAX_AGE": 600,
        "TEST": {"NAME": ":memory:"},  # as for Django's own engine, which pytest-django knows by its name
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,  # seconds; `predictions.services.writing.database_waits` has those of a request
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
                "PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=8000;"
            ),
        },
    }
    restrict_to_owner(
        *(Path(f"{DATABASES['default']['NAME']}{end}") for end in ("", "-wal", "-shm", "-turn"))
    )
else:
    # A connection for each thread, kept: a pool goes on waiting between two tries when the server is back.
    DATABASES["default"] |= {
        "ENGINE": "loansite.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 2,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,  # milliseconds
        }
        | DATABASES["default"].get("OPTIONS", {}),
    }
# Of others, and none of Django's: nothing is migrated there. `manage.py score` alone opens them.
SOURCES = env.sources("LOANSITE_SOURCES")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Trainings and batches run in a worker of their own: ``manage.py worker``.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# Nothing is cached: Django's caches write pickles, which run code when somebody else has changed them.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
CSRF_FAILURE_VIEW = "predictions.web.errors.csrf_failure"
LOGIN_URL = "/login/"  # of the whole site: the address of a name would be below a product's
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "login"
# `predictions.requests.lockout` sets how many failures lock whom, and for how long.
AXES_HANDLER = "predictions.requests.lockout.LockoutHandler"
AXES_LOCKOUT_CALLABLE = "predictions.requests.lockout.locked_reply"
AXES_CLIENT_IP_CALLABLE = "predictions.client_address.address_group"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HTTP_RESPONSE_CODE = 429
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_VERBOSE = False
TRUSTED_PROXIES = env.networks("LOANSITE_TRUSTED_PROXIES")

# In the session: the default makes a signer of cookies ready at every request, API calls included.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "en-gb"
LENDER = env.text("LOANSITE_LENDER", "The lender")
TIME_ZONE = env.text("LOANSITE_TIME_ZONE", "UTC")
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = ["loansite.formats"]

FILE_UPLOAD_PERMISSIONS = 0o600  # collected static files included: this site serves them itself
STATIC_URL = "/static/"  # of the whole site: a relative address would be below a product's
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else _STATIC},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "predictions.api.calls.access.RememberingTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["predictions.api.calls.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["predictions.api.calls.body.UnreadBody"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "predictions.api.pagination.NewestFirst",
    "DEFAULT_SCHEMA_CLASS": "predictions.api.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["predictions.api.calls.access.CallerThrottle"],
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "URL_FORMAT_OVERRIDE": None,  # or `format` would be a parameter that no view declares
}
THROTTLE = env.throttle("LOANSITE_THROTTLE")
CALL_TIMES = VAR / "throttle"
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "predictions.api.calls.errors.ErrorHandler",
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Token", "TOKEN_TTL": None}
CORS_ALLOWED_ORIGINS = env.names("LOANSITE_CORS_ORIGINS")
CORS_URLS_REGEX = r"^/(api/v1/|predict/?$)"
CORS_EXPOSE_HEADERS = ["X-Request-ID", "Retry-After"]
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Loansite API",
    "VERSION": "1",
    "DESCRIPTION": "Predict loan approval, with exact reasons. A request line (method, address with its "
    "query) of more than 4,094 bytes is answered 414 by the server, without an error object.",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "POSTPROCESSING_HOOKS": ["predictions.api.openapi.add_components"],
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
BEHIND_TLS_PROXY = env.boolean("LOANSITE_BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = env.names("LOANSITE_TRUSTED_ORIGINS")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "predictions.log_lines.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "predictions": {"level": "INFO"},
        "axes": {"level": "ERROR"},
        "django.server": {"handlers": [], "level": "ERROR"},  # of runserver: it writes whole addresses
    },
}
