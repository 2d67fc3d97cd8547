"""Django's settings, all derived: the data directory decides, and no variable has to be set.

`ringtrace serve` hands the processes it starts their data directory and addresses in RINGTRACE_* variables.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from ringtrace.privacy.keys import load_keys
from ringtrace.web.languages import languages_in

DATA_DIR = Path(os.environ.get("RINGTRACE_DATA", "ringtrace-data")).absolute()
WEB_URL = os.environ.get("RINGTRACE_WEB_URL", "http://127.0.0.1:8000")
EDGE_URL = os.environ.get("RINGTRACE_EDGE_URL", "http://127.0.0.1:8100")
DEMO_URL = os.environ.get("RINGTRACE_DEMO_URL", "")

DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
(DATA_DIR / "uploads").mkdir(mode=0o700, exist_ok=True)
KEYS = load_keys(DATA_DIR)
EDGE_STORE: str | Path = os.environ.get("RINGTRACE_EDGE_STORE", "") or DATA_DIR / "edge.sqlite"
LAKE_DIR = DATA_DIR / "lake"
LAKE_URL = os.environ.get("RINGTRACE_LAKE", "")

_web_host = urlsplit(WEB_URL).hostname or "127.0.0.1"
_https = WEB_URL.startswith("https://")

SECRET_KEY = KEYS.text("django")
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", _web_host]
CSRF_TRUSTED_ORIGINS = [WEB_URL] if _https else []
ROOT_URLCONF = "ringtrace.web.urls"
WSGI_APPLICATION = "ringtrace.web.wsgi.application"
AUTH_USER_MODEL = "web.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "login"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "ringtrace.web.apps.WebConfig",  # before allauth: its templates stand in place of allauth's
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "ringtrace.web.request_ids.RequestIds",
    "django.middleware.security.SecurityMiddleware",
    "ringtrace.web.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ringtrace.web.squeezing.Squeezed",
    "ringtrace.web.api.door.OneShape",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ringtrace.web.sign_in.seen.LastSeen",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ringtrace.web.pages.mishaps.Mishaps",
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
                "ringtrace.web.shell.shell",
            ],
            "builtins": ["django.templatetags.i18n", "ringtrace.web.templatetags.show"],
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "ledger.sqlite",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
        },
    }
}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # of counters of tries; each web process has its own
    }
}

UPLOADS_DIR = DATA_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR = UPLOADS_DIR
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "ringtrace.web.upload_handler.StreamedUpload",  # what is too large for the memory
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # bytes of a body, the API's among them

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Signing in: docs/accounts.md. People are known by their address and come by invitation or by their company's provider.
ACCOUNT_ADAPTER = "ringtrace.web.sign_in.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation, or the provider, has proved the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody has us write to strangers
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_FORMS = {
    "login": "ringtrace.web.forms.signing_in.SignInForm",
    "reset_password": "ringtrace.web.forms.signing_in.ForgottenForm",
    "reset_password_from_key": "ringtrace.web.forms.signing_in.ResetForm",
    "change_password": "ringtrace.web.forms.signing_in.ChangeForm",
    "set_password": "ringtrace.web.forms.signing_in.FirstPasswordForm",
    "reauthenticate": "ringtrace.web.forms.signing_in.AgainForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "10/m/key",  # a place and an address, or a person's second factor
    "login_failed_anywhere": "100/h/key",  # an address; of people who are known, the audit log counts too
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "sso": "30/m/ip",
}
MFA_ADAPTER = "ringtrace.web.sign_in.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https  # browsers allow it on localhost alone
MFA_TOTP_ISSUER = "Ringtrace"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}
MFA_FORMS = {
    "authenticate": "ringtrace.web.forms.signing_in.CodeForm",
    "reauthenticate": "ringtrace.web.forms.signing_in.CodeAgainForm",
    "add_webauthn": "ringtrace.web.forms.signing_in.PasskeyForm",
    "login_webauthn": "ringtrace.web.forms.signing_in.PasskeySignInForm",
    "authenticate_webauthn": "ringtrace.web.forms.signing_in.PasskeyFactorForm",
    "reauthenticate_webauthn": "ringtrace.web.forms.signing_in.PasskeyAgainForm",
}
SOCIALACCOUNT_ADAPTER = "ringtrace.web.sign_in.sso.SsoAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SSO_INNER = os.environ.get("RINGTRACE_SSO_INNER", "") == "1"  # providers may lie in the network of this server
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("RINGTRACE_TRUSTED_PROXIES", "0"))

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [DATA_DIR / "locale", Path(__file__).parent / "locale"]  # the owner's own go before ours
LANGUAGES = languages_in(LOCALE_PATHS)
STATIC_URL = "/static/"
STATIC_ROOT = Path(__file__).parent / "static"
WHITENOISE_MAX_AGE = 3600

SESSION_COOKIE_NAME = "ringtrace_session"
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "ringtrace.web.pages.mishaps.unproven"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "ringtrace.web.request_ids.WithRequestId"}},
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s web %(name)s: %(message)s%(of_request)s"},
        "strange_host": {"()": "ringtrace.web.logs.StrangeHost"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["request_id"]},
        "strange_host": {"class": "logging.StreamHandler", "formatter": "strange_host"},
    },
    "loggers": {"django.security.DisallowedHost": {"handlers": ["strange_host"], "propagate": False}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
