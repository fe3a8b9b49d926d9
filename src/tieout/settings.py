"""Django's settings, read from the environment once.

In: the `TIEOUT_…` variables. Out: Django settings. Always: PostgreSQL through psycopg and nothing else; money stays
Decimal; times are UTC in the database; no secret has a default that could reach production by accident.
"""

from tieout.environment import Environment
from tieout.logs import configure_logging

ENVIRONMENT = Environment.read()

# "" until `tieout` has made the keys of a one-machine installation; Django refuses to sign anything with it.
SECRET_KEY = ENVIRONMENT.secret_key()
TIEOUT_ENCRYPTION_KEYS = ENVIRONMENT.encryption_keys()
TIEOUT_XERO = ENVIRONMENT.xero
TIEOUT_PUBLIC_URL = ENVIRONMENT.public_url
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
DATABASES = {"default": ENVIRONMENT.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "tieout.people",
    "tieout.core",
    "tieout.sync",
    "tieout.console",  # before allauth: its templates stand in for allauth's
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tieout.console.security.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "tieout.urls"
WSGI_APPLICATION = "tieout.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: no collectstatic step to forget
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

# Signing in: by name or e-mail, with a second factor for who wants one. Accounts are made by an administrator.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "tieout.console.access.AccountAdapter"
ACCOUNT_FORMS = {"login": "tieout.console.access.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Tieout"
UNFOLD = {"SITE_TITLE": "Tieout", "SITE_HEADER": "Tieout administration", "SITE_URL": "/", "SITE_SYMBOL": "balance"}

# Over https, cookies never travel in the clear and browsers are told to keep to https for a year.
HTTPS = ENVIRONMENT.public_url.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.public_url] if ENVIRONMENT.public_url else []
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"

# Messages about syncs that need a person; without a mail server the settings page takes no addresses.
MAIL = ENVIRONMENT.mail
TIEOUT_MAIL = MAIL is not None
if MAIL is not None:
    EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = MAIL.encrypted, bool(MAIL.password) and not MAIL.encrypted
    DEFAULT_FROM_EMAIL = MAIL.sender
EMAIL_TIMEOUT = 20

LOGGING_CONFIG = None  # `configure_logging` below does it: one structlog pipeline for our lines and the libraries'
configure_logging(as_json=ENVIRONMENT.log_as_json)
