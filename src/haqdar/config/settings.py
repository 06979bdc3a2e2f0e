"""Every setting of Haqdar in one place; each variable of the environment is in docs/operations.md.

A value that cannot be understood stops the start with a sentence: a misspelt setting must never
quietly become its default.
"""

import hashlib
import os
import secrets
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from haqdar.base.refusal import Refusal, Words
from haqdar.config import database
from haqdar.config.logs import LINE


class BadSetting(Refusal):
    """A variable of the environment holds a value that cannot be understood."""

    en = "{name}={value!r} is not allowed: {why}."
    hi = "{name}={value!r} मान्य नहीं है: {why}।"


class MissingSetting(Refusal):
    """A variable of the environment is needed in production and is not set safely."""

    en = "{name} must be set in production: {why}."
    hi = "उत्पादन में {name} देना आवश्यक है: {why}।"


class SecretUnavailable(Refusal):
    """The file with the generated secret can be neither read nor written."""

    en = "The secret in {path} cannot be read or created: {why}. Check the folder's owner and permissions."
    hi = "{path} का गुप्त मान न पढ़ा जा सका न बनाया जा सका: {why}। फ़ोल्डर का स्वामी और अनुमतियाँ जाँचें।"


def env_text(name: str, default: str = "") -> str:
    """The variable's text without surrounding blanks, or `default` when unset or empty."""
    return os.environ.get(name, "").strip() or default


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of `choices`; raises `BadSetting` for anything else."""
    value = env_text(name, default)
    if value not in choices:
        raise BadSetting(
            name=name,
            value=value,
            why=Words("it must be one of " + ", ".join(choices), "यह इनमें से एक हो: " + ", ".join(choices)),
        )
    return value


def env_bool(name: str, default: bool) -> bool:
    """True for "true" or "1", False for "false" or "0"; raises `BadSetting` for anything else."""
    value = env_text(name, "true" if default else "false").lower()
    if value not in ("true", "1", "false", "0"):
        raise BadSetting(name=name, value=value, why=Words("it must be true or false", "यह true या false हो"))
    return value in ("true", "1")


def env_int(name: str, default: int, least: int, most: int) -> int:
    """A whole number from `least` to `most`; raises `BadSetting` for anything else."""
    value = env_text(name, str(default))
    if not value.isascii() or not value.isdecimal() or not least <= int(value) <= most:
        raise BadSetting(
            name=name,
            value=value,
            why=Words(
                f"it must be a whole number from {least} to {most}", f"यह {least} से {most} तक पूर्ण संख्या हो"
            ),
        )
    return int(value)


def env_list(name: str, default: list[str]) -> list[str]:
    """The comma-separated, non-empty parts of the variable."""
    value = env_text(name)
    return [part.strip() for part in value.split(",") if part.strip()] if value else default


_MAKE_SECRET = Words(
    "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'",
    "ऐसे बनाएँ: python3 -c 'import secrets; print(secrets.token_hex(32))'",
)


def env_secret(name: str, derived: str, master: bytes | None) -> bytes:
    """Key material of at least 32 characters.

    In development it is derived from the generated file when the variable is unset; in production
    an unset, short or repetitive value raises `MissingSetting`.
    """
    value = env_text(name)
    if value:
        if (
            len(value) < 32
            or len(set(value)) < 10
            or "change" in value.lower()
            or "insecure" in value.lower()
        ):
            raise MissingSetting(
                name=name,
                why=Words(
                    f"its value is short or a known default; {_MAKE_SECRET.en}",
                    f"इसका मान छोटा या जाना-पहचाना है; {_MAKE_SECRET.hi}",
                ),
            )
        return value.encode()
    if master is None:
        raise MissingSetting(
            name=name,
            why=Words(
                f"there is no default secret; {_MAKE_SECRET.en}",
                f"कोई पूर्वनिर्धारित गुप्त मान नहीं है; {_MAKE_SECRET.hi}",
            ),
        )
    return hashlib.blake2b(master, person=derived.encode()[:16], digest_size=32).hexdigest().encode()


def generated_secret(home: Path) -> bytes:
    """The 64 characters in HAQDAR_HOME/secret, made at the first start and readable by the owner only."""
    path = home / "secret"
    try:
        if not path.exists():
            database.make_home(home)
            # Written aside and linked, so that two first starts agree on one complete secret.
            draft = home / f".secret.{os.getpid()}"
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        value = path.read_bytes().strip()
    except OSError as error:
        raise SecretUnavailable(path=path, why=error.strerror) from error
    if len(value) < 32:
        raise SecretUnavailable(
            path=path,
            why=Words(
                "it is empty or cut short; restore it from your backup",
                "यह खाली या अधूरा है; अपने बैकअप से वापस लाएँ",
            ),
        )
    return value


ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "src" / "haqdar"

ENVIRONMENT = env_choice("HAQDAR_ENV", "development", ("development", "production"))
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env_bool("HAQDAR_DEBUG", False)
if DEBUG and PRODUCTION:
    raise BadSetting(
        name="HAQDAR_DEBUG",
        value="true",
        why=Words(
            "debug pages show data and are off in production", "डिबग पन्ने आँकड़े दिखाते हैं और उत्पादन में बंद रहते हैं"
        ),
    )

HAQDAR_HOME = Path(env_text("HAQDAR_HOME", str(ROOT / "var"))).expanduser().absolute()
"""Folder of everything this installation keeps: database, snapshots, results, secret."""
HAQDAR_LAW = Path(env_text("HAQDAR_LAW", str(ROOT / "law" / "mp"))).expanduser().absolute()
"""Folder of the State's law."""
HAQDAR_PORT = env_int("HAQDAR_PORT", 8000, 1, 65535)
HAQDAR_BIND = env_text("HAQDAR_BIND", "127.0.0.1")
HAQDAR_WEB_WORKERS = env_int("HAQDAR_WEB_WORKERS", 2, 1, 64)
HAQDAR_DEMO_RESIDENTS = env_int("HAQDAR_DEMO_RESIDENTS", 0 if PRODUCTION else 100_000, 0, 1_000_000)
"""Size of the demonstration district that `haqdar run` loads into an empty database; 0 for none."""
if PRODUCTION and HAQDAR_DEMO_RESIDENTS:
    raise BadSetting(
        name="HAQDAR_DEMO_RESIDENTS",
        value=str(HAQDAR_DEMO_RESIDENTS),
        why=Words(
            "demonstration data and their log-ins never enter a production database",
            "नमूना आँकड़े और उनके लॉग-इन उत्पादन के डेटाबेस में कभी नहीं जाते",
        ),
    )

HAQDAR_SENDER = env_choice("HAQDAR_SENDER", "file", ("file", "console"))
"""Where messages go: a file in the data folder, or the worker's terminal."""

_generated = None if PRODUCTION else generated_secret(HAQDAR_HOME)
SECRET_KEY = env_secret("HAQDAR_SECRET_KEY", "session", _generated).decode()
HAQDAR_SECRET = env_secret("HAQDAR_MASTER_KEY", "master", _generated)
"""Master key source of the envelope encryption of Aadhaar and account numbers."""
if PRODUCTION and SECRET_KEY.encode() == HAQDAR_SECRET:
    raise BadSetting(
        name="HAQDAR_MASTER_KEY",
        value="…",
        why=Words(
            "it must differ from HAQDAR_SECRET_KEY, which signs sessions",
            "यह HAQDAR_SECRET_KEY से अलग हो, जो सत्रों पर हस्ताक्षर करता है",
        ),
    )
HAQDAR_PREVIOUS_SECRET = env_text("HAQDAR_MASTER_KEY_PREVIOUS").encode() or None
"""The master key before the present one, set only while data keys are re-wrapped."""

HAQDAR_DSN = database.conninfo(HAQDAR_HOME, env_text("DATABASE_URL"))
"""libpq connection string of the database (embedded, or DATABASE_URL)."""
_dsn = {name: str(value) for name, value in conninfo_to_dict(HAQDAR_DSN).items() if value is not None}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _dsn.pop("dbname", ""),
        "USER": _dsn.pop("user", ""),
        "PASSWORD": _dsn.pop("password", ""),
        "HOST": _dsn.pop("host", ""),
        "PORT": _dsn.pop("port", ""),
        "OPTIONS": _dsn,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
HAQDAR_VAULT_KEY = env_text("HAQDAR_VAULT_KEY")
"""File with the vault's master key, at least 32 characters; empty: a token, or (development) one in the data folder."""
HAQDAR_VAULT_KEY_PREVIOUS = env_text("HAQDAR_VAULT_KEY_PREVIOUS")
"""File with the master key before the present one, set only while `haqdar vault rotate` wraps the data keys anew."""
HAQDAR_VAULT_PKCS11_MODULE = env_text("HAQDAR_VAULT_PKCS11_MODULE")
HAQDAR_VAULT_PKCS11_TOKEN = env_text("HAQDAR_VAULT_PKCS11_TOKEN")
HAQDAR_VAULT_PKCS11_LABEL = env_text("HAQDAR_VAULT_PKCS11_LABEL", "haqdar-vault")
HAQDAR_VAULT_PKCS11_PIN = env_text("HAQDAR_VAULT_PKCS11_PIN")
HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS = env_text("HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS")
"""Label of the master key before the present one in the token, set only while `haqdar vault rotate` wraps the data keys anew."""
if HAQDAR_VAULT_KEY and HAQDAR_VAULT_PKCS11_MODULE and not HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS:
    raise BadSetting(
        name="HAQDAR_VAULT_KEY",
        value=HAQDAR_VAULT_KEY,
        why=Words(
            "HAQDAR_VAULT_PKCS11_MODULE is set too; the vault has one master key. To move into a token, give the file as"
            " HAQDAR_VAULT_KEY_PREVIOUS and run ./haqdar vault rotate; to move out of it, give its label as"
            " HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS",
            "HAQDAR_VAULT_PKCS11_MODULE भी दिया है; तिजोरी की मास्टर कुंजी एक ही होती है। टोकन में जाने के लिए फ़ाइल को"
            " HAQDAR_VAULT_KEY_PREVIOUS में दें और ./haqdar vault rotate चलाएँ; टोकन से बाहर आने के लिए उसकी कुंजी का नाम"
            " HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS में दें",
        ),
    )
if HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS and (HAQDAR_VAULT_KEY_PREVIOUS or not HAQDAR_VAULT_PKCS11_MODULE):
    raise BadSetting(
        name="HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS",
        value=HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS,
        why=Words(
            "it needs HAQDAR_VAULT_PKCS11_MODULE and goes without HAQDAR_VAULT_KEY_PREVIOUS: there is one key before",
            "इसके साथ HAQDAR_VAULT_PKCS11_MODULE चाहिए और HAQDAR_VAULT_KEY_PREVIOUS नहीं: पिछली कुंजी एक ही होती है",
        ),
    )
if PRODUCTION and not (HAQDAR_VAULT_KEY or HAQDAR_VAULT_PKCS11_MODULE):
    raise MissingSetting(
        name="HAQDAR_VAULT_KEY",
        why=Words(
            "it names the file with the key of Aadhaar numbers, away from the data folder and its backups; or set"
            " HAQDAR_VAULT_PKCS11_MODULE",
            "इसमें आधार संख्याओं की कुंजी वाली फ़ाइल दें, जो डेटा फ़ोल्डर और उसके बैकअप से अलग हो; या HAQDAR_VAULT_PKCS11_MODULE दें",
        ),
    )
if PRODUCTION and env_text("DATABASE_URL") and not env_text("HAQDAR_VAULT_URL"):
    raise MissingSetting(
        name="HAQDAR_VAULT_URL",
        why=Words(
            "DATABASE_URL names a server, and Aadhaar numbers lie in a database of their own under a role of their own",
            "DATABASE_URL में सर्वर दिया है, और आधार संख्याएँ अपने अलग डेटाबेस में अलग भूमिका के अधीन रहती हैं",
        ),
    )
HAQDAR_VAULT_KEY_MADE = not (HAQDAR_VAULT_KEY or HAQDAR_VAULT_PKCS11_MODULE)
"""Whether the key file lies in the data folder and is made at the first use; never in production."""
if HAQDAR_VAULT_KEY_MADE:
    HAQDAR_VAULT_KEY = str(HAQDAR_HOME / "vault.key")
HAQDAR_VAULT_DSN = database.vault_conninfo(
    HAQDAR_HOME, env_text("HAQDAR_VAULT_URL"), env_text("DATABASE_URL")
)
"""libpq connection string of the vault (embedded, HAQDAR_VAULT_URL, or beside DATABASE_URL)."""
PAPER_FONTS = PACKAGE / "web" / "documents" / "fonts"
"""The documents' typeface, brought in at set-up; papers are set in it by more than one stage."""
HAQDAR_PUBLIC_URL = env_text("HAQDAR_PUBLIC_URL", f"http://localhost:{HAQDAR_PORT}").rstrip("/")
"""Where the public reaches these pages: the QR code of an order leads there."""
if not HAQDAR_PUBLIC_URL.startswith(("http://", "https://")):
    raise BadSetting(
        name="HAQDAR_PUBLIC_URL",
        value=HAQDAR_PUBLIC_URL,
        why=Words("it begins with https:// or http://", "यह https:// या http:// से शुरू हो"),
    )
HAQDAR_SIGNING_KEY = env_text("HAQDAR_SIGNING_KEY")
"""PKCS#12 or PEM file of the key that signs orders; empty: a token, or (development) the demonstration key."""
HAQDAR_SIGNING_CERTIFICATE = env_text("HAQDAR_SIGNING_CERTIFICATE")
HAQDAR_SIGNING_PASSPHRASE = env_text("HAQDAR_SIGNING_PASSPHRASE")
HAQDAR_PKCS11_MODULE = env_text("HAQDAR_PKCS11_MODULE")
HAQDAR_PKCS11_TOKEN = env_text("HAQDAR_PKCS11_TOKEN")
HAQDAR_PKCS11_LABEL = env_text("HAQDAR_PKCS11_LABEL")
HAQDAR_PKCS11_PIN = env_text("HAQDAR_PKCS11_PIN")
HAQDAR_BANK_CERTIFICATE = env_text("HAQDAR_BANK_CERTIFICATE")
"""PEM file of the certificate to which payment files are sealed; empty: (development) the demonstration bank."""
HAQDAR_TIMESTAMP_URL = env_text("HAQDAR_TIMESTAMP_URL")
"""A time-stamping authority (RFC 3161); empty: signatures carry the server's own time."""
HAQDAR_CARD_KEY = env_text("HAQDAR_CARD_KEY")
"""PEM file of the key (P-256) and certificate that sign household cards; empty: (development) the demonstration key."""
HAQDAR_CARD_PASSPHRASE = env_text("HAQDAR_CARD_PASSPHRASE")
HAQDAR_CARD_FORMER = env_text("HAQDAR_CARD_FORMER")
HAQDAR_CARD_YEARS = env_int("HAQDAR_CARD_YEARS", 3, 1, 10)
if HAQDAR_SIGNING_KEY and HAQDAR_PKCS11_MODULE:
    raise BadSetting(
        name="HAQDAR_SIGNING_KEY",
        value=HAQDAR_SIGNING_KEY,
        why=Words(
            "HAQDAR_PKCS11_MODULE is set too; orders are signed by one key",
            "HAQDAR_PKCS11_MODULE भी दिया है; आदेशों पर हस्ताक्षर एक ही कुंजी से होते हैं",
        ),
    )
HAQDAR_TREASURY_URL = env_text("HAQDAR_TREASURY_URL").rstrip("/")
"""The treasury's address (docs/treasury-integrator.md); empty: the line to the treasury is off."""
HAQDAR_TREASURY_PROFILE = env_text("HAQDAR_TREASURY_PROFILE", "jit-fs")
HAQDAR_TREASURY_CLIENT = env_text("HAQDAR_TREASURY_CLIENT")
HAQDAR_TREASURY_SECRET = env_text("HAQDAR_TREASURY_SECRET")
HAQDAR_TREASURY_KEY = env_text("HAQDAR_TREASURY_KEY")
"""PEM or DER file of the treasury's RSA key, under which a session begins."""
HAQDAR_TREASURY_CA = env_text("HAQDAR_TREASURY_CA")
HAQDAR_TREASURY_CODES = env_text("HAQDAR_TREASURY_CODES")
"""YAML file of the treasury's own codes of drawing officers, schemes and heads; empty: ours are used."""
if HAQDAR_TREASURY_URL:
    for _name, _value in (
        ("HAQDAR_TREASURY_CLIENT", HAQDAR_TREASURY_CLIENT),
        ("HAQDAR_TREASURY_SECRET", HAQDAR_TREASURY_SECRET),
        ("HAQDAR_TREASURY_KEY", HAQDAR_TREASURY_KEY),
    ):
        if not _value:
            raise BadSetting(
                name=_name,
                value="",
                why=Words(
                    "HAQDAR_TREASURY_URL is set, and the treasury asks who we are",
                    "HAQDAR_TREASURY_URL दिया है, और कोषालय पूछता है कि हम कौन हैं",
                ),
            )
    # the deployed ciphers hide neither equal blocks nor changes: nothing leaves this machine without TLS
    if not HAQDAR_TREASURY_URL.startswith(
        ("https://", "http://127.0.0.1:", "http://localhost:", "http://[::1]:")
    ):
        raise BadSetting(
            name="HAQDAR_TREASURY_URL",
            value=HAQDAR_TREASURY_URL,
            why=Words("it begins with https://", "यह https:// से शुरू हो"),
        )
HAQDAR_EKYC_TRUST = env_text("HAQDAR_EKYC_TRUST")
"""YAML list of the certificates that may sign eKYC documents (docs/ekyc.md); empty: (development) the demonstration authority."""
HAQDAR_EKYC_URL = env_text("HAQDAR_EKYC_URL").rstrip("/")
"""The authority's own service for online eKYC; empty: it is off."""
HAQDAR_EKYC_AGENCY = env_text("HAQDAR_EKYC_AGENCY")
HAQDAR_EKYC_LICENCE = env_text("HAQDAR_EKYC_LICENCE")
HAQDAR_EKYC_KEY = env_text("HAQDAR_EKYC_KEY")
"""PEM file of our key and certificate: it signs questions, and answers are sealed to it."""
HAQDAR_EKYC_PEER_CERTIFICATE = env_text("HAQDAR_EKYC_PEER_CERTIFICATE")
"""PEM file of the certificate to which questions are sealed."""
HAQDAR_EKYC_CA = env_text("HAQDAR_EKYC_CA")
if HAQDAR_EKYC_URL:
    for _name, _value in (
        ("HAQDAR_EKYC_AGENCY", HAQDAR_EKYC_AGENCY),
        ("HAQDAR_EKYC_LICENCE", HAQDAR_EKYC_LICENCE),
        ("HAQDAR_EKYC_KEY", HAQDAR_EKYC_KEY),
        ("HAQDAR_EKYC_PEER_CERTIFICATE", HAQDAR_EKYC_PEER_CERTIFICATE),
    ):
        if not _value:
            raise BadSetting(
                name=_name,
                value="",
                why=Words(
                    "HAQDAR_EKYC_URL is set, and the authority asks who we are",
                    "HAQDAR_EKYC_URL दिया है, और प्राधिकरण पूछता है कि हम कौन हैं",
                ),
            )
    if not HAQDAR_EKYC_URL.startswith(
        ("https://", "http://127.0.0.1:", "http://localhost:", "http://[::1]:")
    ):
        raise BadSetting(
            name="HAQDAR_EKYC_URL",
            value=HAQDAR_EKYC_URL,
            why=Words("it begins with https://", "यह https:// से शुरू हो"),
        )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "haqdar.access",
    "haqdar.vault",
    "haqdar.sources",
    "haqdar.registry",
    "haqdar.identity",
    "haqdar.entitlement",
    "haqdar.outreach",
    "haqdar.cases",
    "haqdar.payments",
    "haqdar.outcomes",
    "haqdar.jobs",
    "haqdar.demo",
    "haqdar.web",
]
AUTH_USER_MODEL = "access.User"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "haqdar.web.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    # before anything reads a form: who sends it decides how its files are taken in (web/uploads.py)
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.common.CommonMiddleware",
    "haqdar.web.middleware.Language",
    "django.middleware.csrf.CsrfViewMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "haqdar.web.middleware.ActorOfRequest",
]
ROOT_URLCONF = "haqdar.config.urls"
WSGI_APPLICATION = "haqdar.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "haqdar.web.context.page",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

LANGUAGE_CODE = "hi"
LANGUAGES = [("hi", "हिन्दी"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Kolkata"
USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
# The name of a built file carries its hash, so browsers may keep it for ever.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+\.[0-9a-f]{12}\..+$"
MEDIA_ROOT = HAQDAR_HOME / "media"

LOGIN_URL = "desk:log-in"
CSRF_FAILURE_VIEW = "haqdar.web.errors.csrf_failure"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# NIST SP 800-63B: length and a list of common words; no rules of composition, no expiry.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "haqdar.access.passwords.LongEnough"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name_en", "name_hi")},
    },
]

# Second factors: allauth's models and protocols behind pages of our own; none of its pages has an address here.
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "haqdar.access.adapter.SealedSecrets"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Haqdar"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODE_DIGITS = 10
MFA_WEBAUTHN_USER_VERIFICATION = "preferred"

ALLOWED_HOSTS = env_list("HAQDAR_ALLOWED_HOSTS", [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
if PRODUCTION and not ALLOWED_HOSTS:
    raise MissingSetting(
        name="HAQDAR_ALLOWED_HOSTS",
        why=Words(
            "it lists the names this server answers to, separated by commas",
            "इसमें वे नाम अल्पविराम से अलग करके दें जिन पर यह सर्वर उत्तर देता है",
        ),
    )
HTTPS = env_bool("HAQDAR_HTTPS", PRODUCTION)
BEHIND_PROXY = env_bool("HAQDAR_BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"] if HTTPS else []
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = ["haqdar.web.uploads.Sealing", "haqdar.web.uploads.InMemory"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"masked": {"()": "haqdar.config.logs.MaskedFormatter", "format": LINE, "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "masked"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "haqdar": {"level": "INFO"},
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        # It says every failed attempt while a crashed server recovers; the outcome is said once elsewhere.
        "psycopg.pool": {"level": "ERROR"},
    },
}

SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # X-Frame-Options is set by haqdar.web.middleware.SecurityHeaders
    "security.W021",  # putting a State's domain on browsers' preload lists is the State's decision
]
PGHISTORY_ADMIN_ALL_EVENTS = False
