"""A short reading of formats.md over register files: what the first pension group would do with each payee.

Only for clean rows and group 1; the engine's own month is compared with a full independent reading elsewhere.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from haqdar.demo.quotas import published_row

Move = tuple[str, int, str, int]

_PEOPLE = """
CREATE TABLE person AS
WITH event AS (
    SELECT member_id, kind, happened_on::DATE AS happened_on, spouse_id, event_id FROM events
    WHERE reported_on::DATE <= $known AND happened_on::DATE <= $day
),
dead AS (SELECT member_id, min(happened_on) AS died_on FROM event WHERE kind = 'death' GROUP BY member_id),
gone AS (
    SELECT member_id FROM (
        SELECT member_id, kind FROM event WHERE kind IN ('migration_out', 'migration_in')
        QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY happened_on DESC, event_id DESC) = 1
    ) WHERE kind = 'migration_out'
),
wedding AS (
    SELECT member_id, spouse_id FROM event WHERE kind IN ('marriage', 'remarriage')
    QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY happened_on DESC, event_id DESC) = 1
),
statement AS (
    SELECT member_id, coalesce(try_cast(marital_since AS DATE), DATE '0001-01-01') AS since, marital_status AS status, '' AS event_id
    FROM residents WHERE marital_status IS NOT NULL
    UNION ALL
    SELECT member_id, happened_on, CASE kind WHEN 'desertion' THEN 'deserted' WHEN 'divorce' THEN 'divorced' ELSE 'married' END, event_id
    FROM event WHERE kind IN ('marriage', 'remarriage', 'desertion', 'divorce')
),
latest AS (
    SELECT member_id, since, status FROM statement
    QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY since DESC, event_id DESC) = 1
),
card AS (
    SELECT DISTINCT family_id FROM bpl WHERE valid_from::DATE <= $day AND (valid_to IS NULL OR valid_to::DATE >= $day)
),
certificate AS (
    SELECT member_id, max(percent::DOUBLE) AS percent FROM pwd
    WHERE issued_on::DATE <= $day AND (valid_to IS NULL OR valid_to::DATE >= $day) AND percent::DOUBLE <= 100
    GROUP BY member_id
),
first_row AS (SELECT * FROM residents QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY line) = 1)
SELECT r.member_id, r.sex, date_sub('year', try_cast(r.born_on AS DATE), $day) AS age, r.destitute = 'true' AS destitute,
    d.member_id IS NULL AND g.member_id IS NULL AS present,
    CASE WHEN l.status = 'married' AND sd.died_on >= l.since THEN 'widowed' ELSE l.status END AS status,
    b.family_id IS NOT NULL AS bpl, coalesce(c.percent, 0) AS percent
FROM first_row r
LEFT JOIN dead d USING (member_id) LEFT JOIN gone g USING (member_id) LEFT JOIN wedding w USING (member_id)
LEFT JOIN latest l USING (member_id) LEFT JOIN card b USING (family_id) LEFT JOIN certificate c USING (member_id)
LEFT JOIN dead sd ON sd.member_id = CASE WHEN w.member_id IS NOT NULL THEN w.spouse_id ELSE r.spouse_id END
"""

_ELIGIBLE = """
CREATE TABLE eligible AS
WITH each AS (
    SELECT member_id, unnest([
        {'place': 1, 'scheme': 'IGNOAPS', 'pays': CASE WHEN bpl AND age >= 60 THEN
            CASE WHEN age >= 80 THEN 500 WHEN age >= 65 THEN 275 ELSE 200 END END},
        {'place': 2, 'scheme': 'IGNWPS', 'pays': CASE WHEN bpl AND sex = 'F' AND status = 'widowed' AND age BETWEEN 40 AND 79 THEN 300 END},
        {'place': 3, 'scheme': 'IGNDPS', 'pays': CASE WHEN bpl AND percent >= 80 AND age BETWEEN 18 AND 79 THEN 300 END},
        {'place': 4, 'scheme': 'SSP-OLD', 'pays': CASE WHEN destitute AND age >= 60 THEN 150 END},
        {'place': 5, 'scheme': 'SSP-WIDOW', 'pays': CASE WHEN bpl AND sex = 'F' AND status = 'widowed' AND age BETWEEN 18 AND 39 THEN 150 END},
        {'place': 6, 'scheme': 'SSP-DESERTED', 'pays': CASE WHEN bpl AND sex = 'F' AND status = 'deserted' AND age BETWEEN 18 AND 59 THEN 150 END},
        {'place': 7, 'scheme': 'SSP-PWD', 'pays': CASE WHEN bpl AND percent >= 40 AND age BETWEEN 6 AND 18 THEN 150 END}
    ], recursive := true) FROM person WHERE present
)
SELECT * FROM each WHERE pays IS NOT NULL
"""

_MOVES = """
WITH held AS (
    SELECT member_id, scheme, amount::INTEGER AS amount FROM pensioners
    WHERE scheme NOT IN ('KANYA', 'MRMD') AND amount IS DISTINCT FROM '-150'
    QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY line) = 1
),
best AS (SELECT * FROM eligible QUALIFY row_number() OVER (PARTITION BY member_id ORDER BY pays DESC, place) = 1)
SELECT h.scheme, h.amount, b.scheme, b.pays, count(*)
FROM held h JOIN best b USING (member_id) LEFT JOIN eligible k ON k.member_id = h.member_id AND k.scheme = h.scheme
WHERE h.scheme <> b.scheme AND (k.pays IS NULL OR k.pays < b.pays)
GROUP BY ALL
"""


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with one table of text columns (and `line`) per register file of `folder`."""
    engine = duckdb.connect()
    for path in sorted(folder.glob("*.csv")):
        engine.execute(
            f"CREATE TABLE {path.stem} AS SELECT *, row_number() OVER () + 1 AS line"
            f" FROM read_csv('{path}', all_varchar = true, header = true)"
        )
    return engine


def moves(engine: duckdb.DuckDBPyConnection, day: str, known: str) -> Mapping[Move, int]:
    """Persons of group 1 by held scheme and amount and better scheme and amount, on `day` with what is known on `known`."""
    engine.execute("DROP TABLE IF EXISTS person; DROP TABLE IF EXISTS eligible")
    engine.execute(_PEOPLE.replace("$day", f"DATE '{day}'").replace("$known", f"DATE '{known}'"))
    engine.execute(_ELIGIBLE)
    rows = engine.execute(_MOVES).fetchall()
    return {(held, amount, better, pays): n for held, amount, better, pays, n in rows}


def pensioners(engine: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    """Rows of pensioners.csv by row of the published table."""
    counts: dict[str, int] = {}
    for scheme, n in engine.execute("SELECT scheme, count(*) FROM pensioners GROUP BY scheme").fetchall():
        counts[published_row(scheme)] = counts.get(published_row(scheme), 0) + n
    return counts
