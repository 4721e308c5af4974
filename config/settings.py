"""All settings, read from the environment (`config/environment.py`)."""

import os
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from config.environment import (
    BASE_DIR,
    DATABASE_STATE,
    DEVELOPMENT_SECRET,
    POSTGRES_ROOT,
    VAR,
    flag,
    log_level,
    port,
    title_epoch_minutes,
    words,
)
from config.servers.database import target

PRODUCTION = os.environ.get("LL_ENV", "development") == "production"
DEBUG = flag("LL_DEBUG")
SECRET_KEY = os.environ.get("LL_SECRET_KEY", DEVELOPMENT_SECRET)
if PRODUCTION and SECRET_KEY == DEVELOPMENT_SECRET:
    raise ImproperlyConfigured("LL_ENV=production needs a secret of its own in LL_SECRET_KEY.")

# -- where things are -------------------------------------------------------------------------
PLATFORM_DOMAIN = os.environ.get("LL_DOMAIN", "localhost")
PORT = port()
ALLOWED_HOSTS = words("LL_ALLOWED_HOSTS", f"{PLATFORM_DOMAIN},.{PLATFORM_DOMAIN},127.0.0.1,[::1]")
VAR_DIR = VAR
MEDIA_ROOT = Path(os.environ.get("LL_MEDIA_DIR", VAR / "media"))
KEY_DIR = Path(
    os.environ.get("LL_KEY_DIR", VAR / "keys")
)  # root key, log keys and the signer's memory, outside the database
#: A process of its own signs where a socket is named; only that one reads SIGNER_DIR then.
SIGNER_SOCKET = os.environ.get("LL_SIGNER_SOCKET", "")
SIGNER_DIR = os.environ.get("LL_SIGNER_DIR", "")  # KEY_DIR/logs where it is empty
SIGNER_GROUP = os.environ.get("LL_SIGNER_GROUP", "")  # who may use the socket beside its owner
TILE_DIR = Path(os.environ.get("LL_TILE_DIR", VAR / "tiles"))  # published logs: static files
OUTBOUND_LOOPBACK = not PRODUCTION  # http and this machine may be asked while developing
OUTBOUND_HOSTS = words("LL_OUTBOUND_HOSTS", "")  # hosts inside private networks that may be asked
COUNTERPARTY_WITNESSES = os.environ.get(
    "LL_COUNTERPARTY_WITNESSES",
    "https://{host}/witness" if PRODUCTION else f"http://{{host}}:{PORT}/witness",
)  # where counterparties are asked what they hold of a log before it is signed; "": nowhere
#: The title registry's map is sealed at most so often by itself; each epoch is an entry a ledger.
TITLE_EPOCH_MINUTES = title_epoch_minutes()
QUOTE_RULES_FILE = os.environ.get("LL_QUOTE_RULES", "")  # caps, LPR, VAT: ours where it is empty
COST_REGIME = os.environ.get("LL_COST_REGIME", "licensed_lessor")
DEMO_ALLOWED = not PRODUCTION
DEMO_PASSWORD = "lease-ledger-demo" if DEMO_ALLOWED else ""  # public: shown at the door
DEMO_DIR = Path(os.environ.get("LL_DEMO_DIR", VAR / "demo"))

# -- applications -----------------------------------------------------------------------------
SHARED_APPS = [
    "unfold",  # first: django_tenants brings plain templates of the admin's front page too
    "django_tenants",
    "tenants",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "csp",
    "django_htmx",
    "config",
]
TENANT_APPS = ["ledger", "origination", "pools", "monitoring", "mobile_api"]
INSTALLED_APPS = SHARED_APPS + TENANT_APPS
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
AUTH_USER_MODEL = "tenants.User"
PUBLIC_SCHEMA_URLCONF = "config.urls.platform"
ROOT_URLCONF = "config.urls.lessor"  # the middleware picks the one of the tenant's kind
SILENCED_SYSTEM_CHECKS: list[str] = []

MIDDLEWARE = [
    "tenants.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # files belong to no tenant: no query for them
    "tenants.middleware.TenantMiddleware",
    "tenants.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tenants.middleware.MembershipMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.middleware.ProblemMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.context_processors.shell",
            ],
        },
    }
]
ASGI_APPLICATION = "config.asgi.application"

# -- database ---------------------------------------------------------------------------------
DATABASE_ROLE = os.environ.get("LL_DB_ROLE", "app")
DATABASES = {
    "default": {
        "ENGINE": "tenants.database",
        **target(role=DATABASE_ROLE, embedded_root=POSTGRES_ROOT, state=DATABASE_STATE).django(),
        "CONN_MAX_AGE": 0,  # under ASGI anything else leaks connections
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 24, "timeout": 20}}
        if flag("LL_DB_POOL")
        else {},
    }
}
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- background and live ----------------------------------------------------------------------
REDIS_URL = os.environ.get("REDIS_URL", "")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1000}}
}

# -- signing in -------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["tenants.auth.EmailBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin"],  # unfold brings inline code
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],  # and this host's sockets: tenants.middleware.PolicyMiddleware
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# -- languages --------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# -- files ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns about a missing one
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "static_vendor"] if folder.exists()]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
FONT_DIR = BASE_DIR / "static_vendor" / "fonts"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024

# -- API --------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.api.Nobody"],  # every view names its permission
    "DEFAULT_PARSER_CLASSES": [
        "tenants.api.ShallowJSON",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "tenants.api_errors.problem_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LeaseLedger API",
    "DESCRIPTION": "Errors are RFC 9457 problem details.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

# -- operators' admin -------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "LeaseLedger",
    "SITE_HEADER": "LeaseLedger operator",
    "BORDER_RADIUS": "8px",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("ui/mark.svg")}
    ],
    # the house's green, from light to dark (tenants/static/ui/tokens.css)
    "COLORS": {
        "primary": {
            "50": "#eef8f5",
            "100": "#d9efe8",
            "200": "#b3dfd1",
            "300": "#82c9b6",
            "400": "#4bae97",
            "500": "#1f937c",
            "600": "#0b7a66",
            "700": "#086a5b",
            "800": "#0b5549",
            "900": "#0d463d",
            "950": "#052822",
        }
    },
}

LOGGING_CONFIG = "tenants.logs.configure"
LOGGING = {"level": log_level(), "json": flag("LL_LOG_JSON", PRODUCTION)}

TENANT_LIMIT_SET_CALLS = True  # safe: our wrapper forgets a search path set for another schema
