"""Keeps a filled state of the test database aside, puts it back, and empties all tables: each in hundredths of a second.

Filling the small State by the platform's own acts takes seconds and Django's flush one more, several hundred times over.
Rows that are put back are those that were kept, byte for byte: triggers and foreign keys had their say when the state was
filled the first time. What stands aside lies in a schema that the application does not look into. The functions run as
the administrator, so the application's role gains no right that it lacks in production.
"""

import psycopg
from django.db import connection

#: What Django writes when it migrates; no test changes it, and each flush wrote it anew.
_STAYS = ("django_migrations", "django_content_type", "auth_permission")

_SET_UP = """
DROP SCHEMA IF EXISTS aside CASCADE;
CREATE SCHEMA aside;
GRANT USAGE ON SCHEMA aside TO public;

CREATE TABLE aside.kept (state text, position bigint GENERATED ALWAYS AS IDENTITY, statement text NOT NULL);

CREATE VIEW aside.tables AS
SELECT c.oid, c.reltuples, format('%I.%I', n.nspname, c.relname) AS name,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> ALL ({stays});

CREATE FUNCTION aside.keep(_state text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    one record;
    copy text;
    filled boolean;
BEGIN
    FOR one IN SELECT * FROM aside.tables ORDER BY name LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one.name) INTO filled;
        IF filled THEN
            copy := format('aside.%I', _state || ' ' || one.oid);
            EXECUTE format('CREATE TABLE %s AS SELECT %s FROM %s', copy, one.columns, one.name);
            INSERT INTO aside.kept (state, statement) VALUES (_state,
                format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE TABLE %s', one.name, one.columns, copy));
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION aside.put_back(_state text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET session_replication_role = replica AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT statement FROM aside.kept WHERE state = _state ORDER BY position LOOP
        EXECUTE one.statement;
    END LOOP;
END $$;

CREATE FUNCTION aside.empty() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET session_replication_role = replica AS $$
DECLARE
    one record;
    bulky text;
BEGIN
    -- waits, as a truncation of everything would, for what a page or a job of the test still writes
    EXECUTE (SELECT 'LOCK TABLE ' || string_agg(name, ', ' ORDER BY name) FROM aside.tables);
    FOR one IN SELECT * FROM aside.tables WHERE pg_relation_size(oid) BETWEEN 1 AND 65536 LOOP
        EXECUTE 'DELETE FROM ' || one.name;
    END LOOP;
    -- writes the file of every index anew, so it is for tables that grew or whose rows were counted
    SELECT string_agg(name, ', ') INTO bulky FROM aside.tables WHERE pg_relation_size(oid) > 65536 OR reltuples > 0;
    IF bulky IS NOT NULL THEN
        EXECUTE 'TRUNCATE ' || bulky || ' CASCADE';
    END IF;
END $$;
"""


def set_up(administrator: str) -> None:
    """Make the functions in the database of this connection string, which is an administrator's."""
    with psycopg.connect(administrator, autocommit=True) as made:
        stays = ", ".join(f"'{name}'" for name in _STAYS)
        made.execute(_SET_UP.replace("{stays}", f"ARRAY[{stays}]").encode())


def keep(state: str) -> None:
    """Keep all rows there are under a name; call it where they are committed."""
    _call("keep", state)


def put_back(state: str) -> None:
    """Put the kept rows into the empty tables; sequences went past them already."""
    _call("put_back", state)


def empty() -> None:
    """Leave no row of the application in any table."""
    _call("empty")


def _call(function: str, *values: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT aside.{function}({', '.join(['%s'] * len(values))})", list(values))
