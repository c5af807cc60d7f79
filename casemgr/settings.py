"""All settings, read once from the environment; production refuses weak secrets."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from casemgr import env
from casemgr.periods import Periods
from casemgr.platform import embedded

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = env.choice("HOMEWARD_ENV", ("development", "production"))
PRODUCTION = ENVIRONMENT == "production"
DEMO = env.flag("HOMEWARD_DEMO")
DEBUG = False
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()

if PRODUCTION and DEMO:
    raise ImproperlyConfigured("HOMEWARD_DEMO is for invented people; unset it in production.")


def _secret(name: str, development: str) -> str:
    """A secret of at least 32 characters; only development has a built-in one."""
    value = env.text(name)
    if not value and not PRODUCTION:
        return development
    if not env.is_strong_secret(value) or value == development:
        raise ImproperlyConfigured(
            f"{name} is missing or weak. Set it to at least 32 random characters, for example "
            "from: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return value


SECRET_KEY = _secret("SECRET_KEY", "development-only-secret-key-0123456789abcdef")
# The first key encrypts, all of them decrypt; Fernet keys are 32 bytes, URL-safe base64.
DEVELOPMENT_FIELD_KEY = "ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMDEyMzQ="
FIELD_KEYS = env.words("FIELD_KEYS", () if PRODUCTION else (DEVELOPMENT_FIELD_KEY,))
if not (FIELD_KEYS and all(map(env.is_strong_key, FIELD_KEYS))) or (
    PRODUCTION and DEVELOPMENT_FIELD_KEY in FIELD_KEYS
):
    raise ImproperlyConfigured(
        "FIELD_KEYS is missing or weak. Set it to one or more keys from: "
        "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    )

ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", () if PRODUCTION else ("127.0.0.1", "localhost", "[::1]")
)
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is missing. Set it to the names people type.")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "casemgr.platform",
    "casemgr.platform.site",
    "casemgr.platform.accounts",
    "casemgr.platform.notify",
    "casemgr.platform.partners",
    "families",
    "cases",
    "searches",
    "casemgr.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "casemgr.platform.middleware.WholeBodyMiddleware",
    "casemgr.platform.middleware.RequestIdMiddleware",
    "casemgr.platform.partners.request_log.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "casemgr.platform.middleware.ActorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "casemgr.platform.middleware.PrivacyHeadersMiddleware",
    "casemgr.platform.audit.middleware.AuditMiddleware",
    "casemgr.platform.error_pages.ErrorPageMiddleware",
]

ROOT_URLCONF = "casemgr.urls"
WSGI_APPLICATION = "casemgr.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "casemgr.platform.context.site",
            ],
            "builtins": ["casemgr.platform.templatetags.homeward"],
            "libraries": {},
        },
    }
]

# --- database, broker, worker processes -------------------------------------------------------
EMBEDDED = embedded.endpoints(VAR_DIR)
DATABASE_URL = env.text("DATABASE_URL", EMBEDDED.database_url)
DATABASES: dict[str, dict[str, Any]] = {"default": dict(env.database(DATABASE_URL))}
# A demo has a database, files and queues of its own, all named after its database.
DEMO_DATABASE = env.text("DEMO_DATABASE", "homeward_demo")
DEMO_DIR = VAR_DIR / ("demo" if DEMO_DATABASE == "homeward_demo" else f"demo-{DEMO_DATABASE}")
if DEMO:
    DATABASES["default"]["NAME"] = DEMO_DATABASE
DATABASES["default"] |= {
    "ATOMIC_REQUESTS": False,
    "CONN_HEALTH_CHECKS": True,
    "CONN_MAX_AGE": 60,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", EMBEDDED.broker_url)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
QUEUE_PREFIX = f"{DEMO_DATABASE}." if DEMO else ""
CELERY_TASK_DEFAULT_QUEUE = f"{QUEUE_PREFIX}default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 25
CELERY_TASK_TIME_LIMIT = 28
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Ringing must never hold up the person who is filing: one quick try, the row is what counts.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
}
CELERY_BROKER_CONNECTION_TIMEOUT = 2
if CELERY_BROKER_URL.startswith("amqp"):
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_BROKER_TRANSPORT_OPTIONS["confirm_publish"] = True
else:
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "global_keyprefix": f"{DEMO_DATABASE}:" if DEMO else "homeward:",
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "retry_on_timeout": False,
    }

# How long one worker may hold one job before another may take it over, in seconds.
JOB_LEASE_SECONDS = env.number("JOB_LEASE_SECONDS", 30, least=5)
# How often overdue jobs are rung again, in seconds.
RECONCILE_SECONDS = env.number("RECONCILE_SECONDS", 30, least=1)
JOB_ATTEMPTS = 5
# How often audit rows are sealed into the chain, in seconds; 60 s is what we promise.
AUDIT_SEAL_SECONDS = env.number("AUDIT_SEAL_SECONDS", 20, least=1)

# How many cases one account may look at in a day before data-protection officers are told.
READS_ALARM = env.number("READS_ALARM", 300, least=1)
# The same for 30 days: whoever stays below the daily number, and goes on and on.
READS_ALARM_30_DAYS = env.number("READS_ALARM_30_DAYS", 2_000, least=1)

# How long the reviewer who was drawn to be the second of two has, before another one is drawn.
SECOND_SEAT_HOURS = env.number("SECOND_SEAT_HOURS", 24, least=1)
SECOND_SEAT_URGENT_HOURS = env.number("SECOND_SEAT_URGENT_HOURS", 1, least=1)

# How long a copy of a case's file that two agreed to can be fetched, before it is erased.
CASE_FILE_HOURS = env.number("CASE_FILE_HOURS", 24, least=1)

# --- keeping and erasing ----------------------------------------------------------------------
PERIODS = Periods.from_environment()
# Between hiding and erasing, so that two people can place a legal hold; 24 h is what we promise.
ERASURE_WAIT_HOURS = env.number("ERASURE_WAIT_HOURS", 12)
if ERASURE_WAIT_HOURS > 23:
    raise ImproperlyConfigured("ERASURE_WAIT_HOURS must be at most 23.")
# How often erasures that are due go on, in seconds, and how often finished ones are searched for.
ERASURE_SECONDS = env.number("ERASURE_SECONDS", 60, least=1)
ERASURE_VERIFY_SECONDS = env.number("ERASURE_VERIFY_SECONDS", 600, least=1)

# --- limits and floods ------------------------------------------------------------------------
# Counters live in a Redis's memory and nowhere else; RabbitMQ has no place for them.
LIMITS_URL = env.text(
    "LIMITS_URL", CELERY_BROKER_URL if CELERY_BROKER_URL.startswith("redis") else ""
)
if not LIMITS_URL:
    raise ImproperlyConfigured(
        "LIMITS_URL is missing. RabbitMQ can't count requests: set it to a Redis that writes "
        "nothing to disk, for example redis://host:6379/0."
    )
LIMITS_PREFIX = f"{DEMO_DATABASE}:" if DEMO else "homeward:"
# How many proxies of our own stand before the web server; 0 takes the sender as it connects.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 1 if PRODUCTION else 0)
# scope:uses/seconds, or off; docs/limits.md says what each policy covers and what it is sized for.
LIMITS: dict[str, str] = {
    policy: env.text(f"LIMIT_{policy.upper()}", default)
    for policy, default in {
        "sightings": "account:90/60 address:90/60 everyone:900/60",
        "photos": "account:180/60 address:180/60 everyone:1800/60",
        "receipts": "account:60/60 address:60/60 everyone:6000/60",
        "reads": "account:240/60 address:120/60 network:600/60 everyone:6000/60",
        "pictures": "account:1200/60 address:900/60 network:3000/60 everyone:60000/60",
        "sign_in": "account:10/300 address:30/300 everyone:600/60",
        "tokens": "account:60/60 address:60/60 everyone:3000/60",
        "writes": "account:120/60 address:120/60 everyone:3000/60",
    }.items()
}
# How many jobs of the slow lane may be on their way to a worker at a time.
SLOW_LANE_JOBS = env.number("SLOW_LANE_JOBS", 4, least=1)

# --- partners ---------------------------------------------------------------------------------
# Lets events be sent to plain http on this machine, for a demo or a programmer's own site.
WEBHOOKS_LOCAL = env.flag("WEBHOOKS_LOCAL", default=DEMO)
if WEBHOOKS_LOCAL and PRODUCTION:
    raise ImproperlyConfigured("WEBHOOKS_LOCAL opens this machine to webhooks; unset it.")

# Whether reviewers see a sighting's photos blurred until they ask to see them clearly.
SIGHTING_PHOTOS_VEILED = env.flag("SIGHTING_PHOTOS_VEILED", default=True)

# How long the file of an export can be fetched, in hours.
EXPORT_HOURS = env.number("EXPORT_HOURS", 24, least=1)

# --- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "casemgr.platform.accounts.passwords.LengthValidator"},
    {"NAME": "casemgr.platform.accounts.passwords.PredictableValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/my/"
PASSWORD_RESET_TIMEOUT = 4 * 3600
# Classes that send texts and pushes; phone numbers stay hidden until there is one for texts.
SMS_PROVIDER = env.text("SMS_PROVIDER")
PUSH_PROVIDER = env.text("PUSH_PROVIDER")
# How long the answer to a sign-up or a forgotten password takes, whoever has an account.
EVEN_ANSWER_SECONDS = 0.7
ACCOUNT_ADAPTER = "casemgr.platform.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"} if SMS_PROVIDER else {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", *(["phone"] if SMS_PROVIDER else []), "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False  # casemgr.platform.limits counts, for all processes at once
ACCOUNT_FORMS = {
    "login": "casemgr.platform.accounts.forms.SignInForm",
    "signup": "casemgr.platform.accounts.forms.SignUpForm",
    "add_email": "casemgr.platform.accounts.forms.ChangeEmailForm",
    "change_password": "casemgr.platform.accounts.forms.ChangePasswordForm",
    "set_password": "casemgr.platform.accounts.forms.SetPasswordForm",
    "reset_password": "casemgr.platform.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "casemgr.platform.accounts.forms.ResetPasswordKeyForm",
}
MFA_ADAPTER = "casemgr.platform.accounts.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = False
MFA_FORMS = {
    "authenticate": "casemgr.platform.accounts.forms.AuthenticateForm",
    "reauthenticate": "casemgr.platform.accounts.forms.ReauthenticateForm",
    "activate_totp": "casemgr.platform.accounts.forms.ActivateTotpForm",
    "add_webauthn": "casemgr.platform.accounts.forms.AddPasskeyForm",
}

# --- letters ----------------------------------------------------------------------------------
# Where people reach the site; links in letters begin with it.
SITE_ADDRESS = env.text("SITE_ADDRESS", "" if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
if PRODUCTION and not SITE_ADDRESS.startswith("https://"):
    raise ImproperlyConfigured(
        "SITE_ADDRESS is missing. Set it to the address that people type, with https://: links in "
        "letters begin with it."
    )
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.number("EMAIL_PORT", 587, least=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "homeward@localhost")
# Without a mail server, letters lie in a folder of development or of a demo, and on a page there.
LOCAL_MAILBOX = not EMAIL_HOST and not PRODUCTION
EMAIL_FILE_PATH = (DEMO_DIR if DEMO else VAR_DIR) / "mail"
EMAIL_BACKEND = "django.core.mail.backends." + (
    "smtp.EmailBackend"
    if EMAIL_HOST
    else "filebased.EmailBackend"
    if LOCAL_MAILBOX
    else "dummy.EmailBackend"
)

# --- languages and time -----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# Bare dates are civil dates at the place; this zone stands where the place's own isn't known.
CIVIL_TIME_ZONE = env.text("CIVIL_TIME_ZONE", "Asia/Shanghai")

# --- files ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
# Development serves static files from where they lie.
STATIC_ROOT = env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")) if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
PRIVATE_ROOT = (DEMO_DIR if DEMO else VAR_DIR) / "private"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT},
    },
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": PRIVATE_ROOT,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
if S3_BUCKET := env.text("S3_BUCKET"):
    STORAGES["private"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
            "access_key": env.text("S3_ACCESS_KEY") or None,
            "secret_key": env.text("S3_SECRET_KEY") or None,
            "region_name": env.text("S3_REGION") or None,
            "default_acl": None,
            "file_overwrite": False,
            "signature_version": "s3v4",
        },
    }
# Where browsers reach the store. With it the bytes of photos come from there, by links that live
# for a minute and are given to whoever may see the photo; without it the site hands them on.
if S3_PUBLIC_URL := env.text("S3_PUBLIC_URL").rstrip("/") if S3_BUCKET else "":
    STORAGES["links"] = {
        **STORAGES["private"],
        "OPTIONS": {**STORAGES["private"]["OPTIONS"], "endpoint_url": S3_PUBLIC_URL},
    }
WHITENOISE_USE_FINDERS = not PRODUCTION
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- matching ---------------------------------------------------------------------------------
# Which people's photos the face distances were measured on: real faces, or the demo's drawings.
FACE_POPULATION = env.choice("FACE_POPULATION", ("dlib-real", "dlib-drawn"))
if FACE_POPULATION == "dlib-drawn" and not DEMO:
    raise ImproperlyConfigured("FACE_POPULATION=dlib-drawn is only for a demo database.")

# --- the site ---------------------------------------------------------------------------------
SITE_NAME = env.text("SITE_NAME", "Homeward · 归途")
EMERGENCY_NUMBER = env.text("EMERGENCY_NUMBER", "110")
# Where 'Leave this page' leads: a page of another house that nobody would ask about.
LEAVE_ADDRESS = env.text("LEAVE_ADDRESS", "https://www.baidu.com/")
if not LEAVE_ADDRESS.startswith("https://"):
    raise ImproperlyConfigured("LEAVE_ADDRESS must begin with https://.")
# Where pictures of the map come from, as https://host/{z}/{x}/{y}.png; none unless set: whoever
# serves them learns where people look. The credit is what their licence asks for.
MAP_TILES = env.text("MAP_TILES")
MAP_TILES_CREDIT = env.text("MAP_TILES_CREDIT")
_tiles = urlsplit(MAP_TILES)
MAP_TILES_ORIGIN = f"{_tiles.scheme}://{_tiles.netloc}" if MAP_TILES else ""
if MAP_TILES and (
    _tiles.scheme != "https"
    or not re.fullmatch(r"[\w.:-]+", _tiles.netloc)
    or not all(part in _tiles.path for part in ("{z}", "{x}", "{y}"))
):
    raise ImproperlyConfigured(
        "MAP_TILES must be one https address with {z}, {x} and {y} in its path."
    )

# --- security ---------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "casemgr.platform.error_pages.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *filter(None, [S3_PUBLIC_URL, MAP_TILES_ORIGIN])],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- REST -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "searches.authentication.ReceiptAuthentication",
        "casemgr.platform.partners.authentication.BearerAuthentication",
        "casemgr.platform.rest.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["casemgr.platform.rest.permissions.DeniedUnlessDeclared"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["casemgr.platform.rest.parsing.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "casemgr.platform.rest.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["casemgr.platform.rest.filters.StrictFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "casemgr.platform.rest.schema.ApiSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "casemgr.platform.rest.problems.problem_handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNICODE_JSON": True,
    "COERCE_DECIMAL_TO_STRING": False,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Homeward",
    "VERSION": "1",
    "DESCRIPTION": _("Cases of missing children, sightings, and what reviewers make of them."),
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "casemgr.platform.rest.schema.any_of_several",
        "casemgr.api_examples.add_examples",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": True,
    "ENUM_NAME_OVERRIDES": {
        f"{name}Code": f"casemgr.platform.vocabularies.{name}.choices"
        for name in (
            *("Band", "BodyPart", "CaseStatus", "ChildSituation", "Circumstance", "MarkKind"),
            *("MatchStatus", "PhotoQuality", "PhotoShows", "PhotoStatus", "PlaceType"),
            *("ReviewDecision", "Sex", "Side", "SightingKind", "Situation", "TimelineKind"),
            *("LinkKind",),
        )
    }
    | {
        "StandingCode": "cases.models.Standing.choices",
        "WebhookStateCode": "casemgr.platform.partners.models.WebhookState.choices",
        "DeliveryStateCode": "casemgr.platform.partners.models.DeliveryState.choices",
        "BulkStatusCode": "cases.models.BulkStatus.choices",
        "ExportFormatCode": "cases.models.ExportFormat.choices",
        "BulkFormatCode": "cases.models.BulkFormat.choices",
        "EventTypeCode": "casemgr.platform.partners.serializers.EVENT_TYPES",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "casemgr.platform.logs.RedactingFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    # oauthlib tells whole requests at the level DEBUG, secrets among them.
    "loggers": {"django.request": {"level": "ERROR"}, "oauthlib": {"level": "WARNING"}},
}
