"""The database: the embedded PostgreSQL of the data folder, or the server that DATABASE_URL names.

with server(home, url):      # starts it when nobody has, else joins
    prepare(conninfo(home, url))
    ...                      # the last one to leave stops it
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from haqdar.base.refusal import Refusal, Words
from haqdar.config.embedded import APPLICATION_ROLE, DATABASE, VAULT_DATABASE, VAULT_ROLE, Cluster
from haqdar.config.places import make_home, socket_folder

__all__ = ["EXTENSIONS", "Cluster", "conninfo", "make_home", "prepare", "server", "vault_conninfo"]

OLDEST_VERSION = 15
EXTENSIONS = ("btree_gist", "pg_trgm")


class BadDatabaseUrl(Refusal):
    """DATABASE_URL or HAQDAR_VAULT_URL is no connection address of PostgreSQL."""

    en = "{name} is not understood ({why}); write it as postgresql://user:password@host:5432/name."
    hi = "{name} समझ में नहीं आया ({why}); इसे postgresql://user:password@host:5432/name जैसा लिखें।"


class ServerNotReached(Refusal):
    """The server that DATABASE_URL names does not answer."""

    en = "The database at {where} does not answer: {why}. Check DATABASE_URL and that the server runs."
    hi = "{where} का डेटाबेस उत्तर नहीं देता: {why}। DATABASE_URL और सर्वर का चलना जाँचें।"


class ServerTooOld(Refusal):
    """The server is older than the platform can use."""

    en = "The database server has version {version}; {oldest} or newer is needed."
    hi = "डेटाबेस सर्वर का संस्करण {version} है; {oldest} या उससे नया चाहिए।"


class ServerUnsuited(Refusal):
    """The server's database lacks something that the platform needs."""

    en = "The database cannot be used: {why}."
    hi = "यह डेटाबेस काम में नहीं लिया जा सकता: {why}।"


# ---------------------------------------------------------------- addresses


def conninfo(home: Path, url: str = "") -> str:
    """The libpq connection string of the application; computed only, nothing is started.

    `url` is DATABASE_URL; empty means the embedded server of `home`. Raises `BadDatabaseUrl`.
    """
    if not url:
        return make_conninfo(host=str(socket_folder(home)), dbname=DATABASE, user=APPLICATION_ROLE)
    return _of_url("DATABASE_URL", url)


def vault_conninfo(home: Path, url: str = "", main_url: str = "") -> str:
    """The libpq connection string of the vault of Aadhaar numbers, which has a database and a role of its own.

    `url` is HAQDAR_VAULT_URL. Without one it is the embedded server's or, where `main_url` names a server (development only, the
    settings see to that), the database beside the application's with `_vault` behind its name. Raises `BadDatabaseUrl`.
    """
    if url:
        return _of_url("HAQDAR_VAULT_URL", url)
    if not main_url:
        return make_conninfo(host=str(socket_folder(home)), dbname=VAULT_DATABASE, user=VAULT_ROLE)
    main = conninfo(home, main_url)
    return make_conninfo(main, dbname=f"{conninfo_to_dict(main)['dbname']}_vault")


def _of_url(name: str, url: str) -> str:
    if not url.startswith(("postgresql://", "postgres://")):
        raise BadDatabaseUrl(
            name=name, why=Words("it does not start with postgresql://", "यह postgresql:// से शुरू नहीं होता")
        )
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error as error:
        raise BadDatabaseUrl(name=name, why=_first_line(error)) from error
    if not str(parts.get("port") or "5432").isdecimal():
        raise BadDatabaseUrl(
            name=name,
            why=Words(f"its port {parts['port']} is no number", f"इसका पोर्ट {parts['port']} संख्या नहीं है"),
        )
    if not parts.get("dbname"):
        raise BadDatabaseUrl(name=name, why=Words("it names no database", "इसमें डेटाबेस का नाम नहीं है"))
    return make_conninfo(**{key: str(value) for key, value in parts.items() if value is not None})


# ---------------------------------------------------------------- using the server


@contextmanager
def server(home: Path, url: str = "") -> Iterator[Callable[[], bool]]:
    """Have a database server answering while the body runs.

    With `url` it only has to answer. Without, the embedded server of `home` is started when it does not
    run yet, and stopped when the body ends and no other process uses it. Gives a function that starts a
    crashed embedded server again and tells whether it had to. Raises a refusal.
    """
    if url:
        _check_reachable(conninfo(home, url))
        yield lambda: False
        return
    cluster = Cluster(home)
    cluster.join()
    try:
        yield cluster.revive
    finally:
        cluster.leave()


def prepare(dsn: str) -> None:
    """Check version and encoding, and create the extensions; raises a refusal naming what is missing."""
    try:
        with psycopg.connect(dsn, autocommit=True) as connection:
            if connection.info.server_version < OLDEST_VERSION * 10_000:
                version = connection.info.server_version
                raise ServerTooOld(version=f"{version // 10_000}.{version % 10_000}", oldest=OLDEST_VERSION)
            encoding = connection.info.parameter_status("server_encoding")
            if encoding != "UTF8":
                raise ServerUnsuited(
                    why=Words(
                        f"its encoding is {encoding}, not UTF8; create it with ENCODING 'UTF8'",
                        f"इसकी एन्कोडिंग {encoding} है, UTF8 नहीं; इसे ENCODING 'UTF8' के साथ बनाएँ",
                    )
                )
            for extension in EXTENSIONS:
                try:
                    connection.execute(
                        sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension))
                    )
                except psycopg.Error as error:
                    raise ServerUnsuited(
                        why=Words(
                            f"its extension {extension} cannot be created ({_first_line(error)}); "
                            f"let its administrator run CREATE EXTENSION {extension}",
                            f"इसका एक्सटेंशन {extension} नहीं बन सका ({_first_line(error)}); "
                            f"इसके प्रशासक से CREATE EXTENSION {extension} चलवाएँ",
                        )
                    ) from error
            row = connection.execute("SELECT cardinality(show_trgm('हक़दार'))").fetchone()
            if not row or not row[0]:
                raise ServerUnsuited(
                    why=Words(
                        "its locale treats Devanagari letters as blanks, so no Hindi name would be found; "
                        "create it with LOCALE 'C.UTF-8' (provider libc) or an ICU locale",
                        "इसका लोकेल देवनागरी अक्षरों को खाली मानता है, इसलिए कोई हिंदी नाम नहीं मिलेगा; "
                        "इसे LOCALE 'C.UTF-8' (libc) या किसी ICU लोकेल के साथ बनाएँ",
                    )
                )
    except psycopg.OperationalError as error:
        raise ServerNotReached(where=_where(dsn), why=_first_line(error)) from error


def _check_reachable(dsn: str) -> None:
    try:
        psycopg.connect(dsn, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        raise ServerNotReached(where=_where(dsn), why=_first_line(error)) from error


def _where(dsn: str) -> str:
    parts = conninfo_to_dict(dsn)
    return f"{parts.get('host') or parts.get('hostaddr') or 'localhost'}/{parts.get('dbname', '')}"


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__
