"""Django's settings, made from the checked environment."""

import os
from pathlib import Path

from lamplighter.config import environment

PACKAGE = Path(__file__).parents[1]
ENVIRONMENT = environment.read(environ=os.environ, checkout=PACKAGE.parents[1])

SECRET_KEY = ENVIRONMENT.secret_key
FIELD_KEY = ENVIRONMENT.field_key
DEBUG = False
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
ROOT_URLCONF = "lamplighter.config.urls"
WSGI_APPLICATION = "lamplighter.config.wsgi.application"
LAKE_FOLDER = ENVIRONMENT.home / "lake"
RESULTS_FOLDER = ENVIRONMENT.home / "results"
LEARNT_FOLDER = ENVIRONMENT.home / "learnt"
REPLAYS_FOLDER = ENVIRONMENT.home / "replays"
CANDIDATES_FOLDER = ENVIRONMENT.home / "candidates"
ARCHIVE_FOLDER = ENVIRONMENT.home / "archive"
ATTACHMENTS_FOLDER = ENVIRONMENT.home / "attachments"
STORE = ENVIRONMENT.store
HOME = ENVIRONMENT.home
CLUSTER_FILES = ENVIRONMENT.cluster_files
DEMO_TODAY = ENVIRONMENT.today
DEMO_CLOCK_AHEAD = ENVIRONMENT.clock_ahead
WEBHOOK_NETWORKS = ENVIRONMENT.webhook_networks

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "csp",
    "lamplighter.ledger",
    "lamplighter.ledger.answers",
    "lamplighter.facts.intake",
    "lamplighter.facts.network",
    "lamplighter.facts.network.tokens",
    "lamplighter.facts.customers",
    "lamplighter.facts.metering",
    "lamplighter.facts.billing",
    "lamplighter.findings",
    "lamplighter.findings.areas",
    "lamplighter.findings.contests",
    "lamplighter.findings.demand",
    "lamplighter.action.service",
    "lamplighter.action.service.knowledge",
    "lamplighter.action.service.attachments",
    "lamplighter.action.service.records",
    "lamplighter.action.service.progress",
    "lamplighter.action.service.escalations",
    "lamplighter.action.service.openline",
    "lamplighter.action.outages",
    "lamplighter.action.worklist",
    "lamplighter.gateway.webhooks",
    "lamplighter.worker",
    "lamplighter.cli",
    "lamplighter.web.frame",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "lamplighter.api.frame.ApiMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "lamplighter.web.desk.ViewerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted(str(path) for path in (PACKAGE / "web").glob("*/templates")),
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "lamplighter.web.frame.context.frame",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
            "string_if_invalid": "⚠%s" if ENVIRONMENT.profile == "test" else "",
        },
    }
]

DATABASES = {"default": dict(ENVIRONMENT.database)}
if ENVIRONMENT.profile == "test":
    # Several people and workers test at once on one server.
    DATABASES["default"]["TEST"] = {"NAME": f"test_lamplighter_{os.getpid()}"}
    DATABASES["default"]["CONN_MAX_AGE"] = 0

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "lamplighter.web.door.backend.StaffBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
    if ENVIRONMENT.profile == "test"
    else "django.contrib.auth.hashers.Argon2PasswordHasher"
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "door:sign-in"
LOGIN_REDIRECT_URL = "today:day"
LOGOUT_REDIRECT_URL = "door:sign-in"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "door/locked.html"
AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Lamplighter"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = sorted(str(path) for path in (PACKAGE / "web").glob("*/locale"))
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENVIRONMENT.time_zone

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.home / "static"
STATICFILES_DIRS = [
    (path.parent.name, str(path)) for path in sorted((PACKAGE / "web").glob("*/public"))
]
WHITENOISE_USE_FINDERS = not ENVIRONMENT.is_production
WHITENOISE_AUTOREFRESH = ENVIRONMENT.profile == "test"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.is_production
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = ENVIRONMENT.is_production
SECURE_SSL_REDIRECT = ENVIRONMENT.is_production
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.is_production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENVIRONMENT.is_production
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.is_production else None
IS_BEHIND_PROXY = ENVIRONMENT.is_production  # which appends to X-Forwarded-For who asks
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src-attr": ["'unsafe-inline'"],  # the chart library sizes its canvas so
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "object-src": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"without_keys": {"()": "lamplighter.config.logs.WithoutKeys"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Django writes the address of what it refuses; the filter stands where that begins.
    "loggers": {
        name: {"filters": ["without_keys"]} for name in ("django.request", "django.security.csrf")
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
}
# W021 wants the site on the browsers' public preload list: the supplier may decide that, not we.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
