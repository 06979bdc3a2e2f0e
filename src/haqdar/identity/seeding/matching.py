"""Who of the residents each row of a list is: certain numbers first, then likeness, then one resident for one row.

Input are `clean` and `aside` (cleansing), `people`, `tied` and `judged` (register). The result is the table `outcome`: one row a
line with `band` and `reason`, the resident and the weight where there is one, and `candidates` for people to judge.

    band        reason                                        what follows
    known       unchanged, judged                             as tied or judged before; nobody is asked again
    automatic   member_id, aadhaar, family_id, likeness       tied when the list converges
    review      unsure, rival, taken, tied_already,           one by one
                number_other_name, numbers_disagree,
                changed_person, untied, somebody_new
    rejected    nobody, name_alone, judged_nobody,            to be examined, never deleted
                lives_elsewhere
    aside       why it was not compared (cleansing)

A name alone never ties anybody: `name_alone` rows are not even looked up.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from haqdar.base.names import name_key_sql

Match = Callable[[duckdb.DuckDBPyConnection, str, str], str]
"""`identity.linking.match`: two tables of people in, the name of a table of pairs out."""

RIVAL = 3.0
"""Bits by which the likeliest must be ahead of the next: eight times the odds."""
MOST_CANDIDATES = 4
_ALIKE = 0.85


def match_rows(duck: duckdb.DuckDBPyConnection, match: Match) -> None:
    """Make `outcome`."""
    _known(duck)
    _by_numbers(duck)
    _by_likeness(duck, match)
    _outcome(duck)


def _known(duck: duckdb.DuckDBPyConnection) -> None:
    # what people said goes before what the machine tied
    # The fingerprint leaves the Aadhaar number out. A judgement stands unless the number now leads to somebody whom the officer was
    # not shown; a tie by that number stands as long as the number leads there, any other unless it leads to somebody else.
    duck.execute("""
        CREATE OR REPLACE TABLE known AS
        SELECT c.line, CASE j.state WHEN 'same' THEN 'judged' ELSE 'unchanged' END AS reason,
            coalesce(j.member_id, t.member_id) AS member_id
        FROM clean c LEFT JOIN people h ON h.aadhaar_ref = c.aadhaar_ref
        LEFT JOIN judged j ON j.domain_id = c.domain_id AND j.fingerprint = c.fingerprint AND j.state = 'same'
            AND (h.row_id IS NULL OR h.row_id = j.member_id OR list_contains(j.offered, h.row_id))
        LEFT JOIN tied t ON t.domain_id = c.domain_id AND t.fingerprint = c.fingerprint
            AND coalesce(h.row_id = t.member_id, t.how <> 'aadhaar')
        WHERE c.line NOT IN (SELECT line FROM aside) AND (j.member_id IS NOT NULL OR t.member_id IS NOT NULL)
        QUALIFY row_number() OVER (PARTITION BY c.line ORDER BY h.row_id) = 1""")
    # whom an officer called nobody is compared again: somebody may have been registered since
    duck.execute("""
        CREATE OR REPLACE TABLE nobodies AS
        SELECT c.line, j.offered FROM clean c JOIN judged j ON j.domain_id = c.domain_id AND j.fingerprint = c.fingerprint
        WHERE j.state = 'nobody' AND c.line NOT IN (SELECT line FROM aside UNION ALL SELECT line FROM known)""")


def _by_numbers(duck: duckdb.DuckDBPyConnection) -> None:
    """Member ID, Aadhaar or family ID, each only together with the name: numbers are typed wrongly, too."""
    duck.execute(f"""
        CREATE OR REPLACE TABLE people_keys AS
        SELECT name AS text, {name_key_sql("name")} AS key FROM (SELECT DISTINCT name FROM people WHERE name IS NOT NULL)""")
    duck.execute(f"""
        CREATE OR REPLACE TABLE by_number AS
        WITH wanted AS (
            SELECT line, member_id, aadhaar_ref, family_id, key, sex, coalesce(year(born_on), birth_year) AS born FROM clean
            WHERE line NOT IN (SELECT line FROM aside UNION ALL SELECT line FROM known)
        ), found AS (
            SELECT w.line, p.row_id, 'member_id' AS how, 30.0 AS weight, w.key, p.name, p.inside FROM wanted w
                JOIN people p ON p.row_id = w.member_id
            UNION ALL
            SELECT w.line, p.row_id, 'aadhaar', 28.0, w.key, p.name, p.inside FROM wanted w
                JOIN people p ON p.aadhaar_ref = w.aadhaar_ref
            UNION ALL
            SELECT w.line, p.row_id, 'family_id', 20.0, w.key, p.name, true FROM wanted w
                JOIN people p ON p.family_id = w.family_id AND p.inside AND coalesce(p.sex = w.sex, true) AND coalesce(abs(year(p.born_on) - w.born) <= 5, true)
        ), compared AS (
            SELECT f.line, f.row_id, f.how, f.weight, f.inside, split_part(k.key, ' ', 1) = split_part(f.key, ' ', 1) AS same_given,
                k.key = f.key OR jaro_winkler_similarity(k.key, f.key) >= {_ALIKE} AS alike
            FROM found f LEFT JOIN people_keys k ON k.text = f.name
        )
        SELECT line, row_id, how, weight, inside, coalesce(alike, false) AS alike FROM compared
        -- of a family everybody is found by the number: only whoever bears the given name counts
        WHERE how <> 'family_id' OR (alike AND same_given)""")
    # whoever lives outside the list's area is nobody's to tie here, and no ghost; under another name the number is mistyped
    duck.execute("""
        CREATE OR REPLACE TABLE elsewhere AS SELECT DISTINCT line FROM by_number WHERE NOT inside AND alike;
        DELETE FROM by_number WHERE NOT inside""")
    duck.execute("""
        CREATE OR REPLACE TABLE numbered AS
        WITH strong AS (
            SELECT line, count(DISTINCT row_id) FILTER (WHERE how <> 'family_id') AS residents,
                count(DISTINCT row_id) AS anybody, bool_and(alike) AS alike FROM by_number GROUP BY line
        ), best AS (
            SELECT line, arg_max(row_id, weight) AS member_id, arg_max(how, weight) AS how, max(weight) AS weight FROM by_number
            GROUP BY line
        )
        SELECT line, member_id, weight, how,
            CASE WHEN residents > 1 OR line IN (SELECT line FROM elsewhere) THEN 'numbers_disagree' WHEN NOT alike THEN 'number_other_name'
                 WHEN residents = 0 AND anybody > 1 THEN 'rival' END AS doubt
        FROM best JOIN strong USING (line)""")


def _by_likeness(duck: duckdb.DuckDBPyConnection, match: Match) -> None:
    _districts(duck)
    duck.execute("""
        CREATE OR REPLACE TABLE left_rows AS
        SELECT line AS row_id, name, name_hi, relation_name, relation_type, sex, born_on, birth_year, mobile, village,
            -- a code of another kind than the register's says nothing, not that they live elsewhere
            CASE WHEN area_code IN (SELECT DISTINCT area_code FROM people WHERE inside) THEN area_code END AS area_code, pin,
            -- a village is its district's: without one, that of the area, or of the only village of that name
            coalesce(d.code, a.district, v.district, o.district) AS district,
            family_id::BIGINT AS family_id
        FROM clean c
        LEFT JOIN (SELECT area_code, any_value(district) AS district FROM people WHERE inside GROUP BY 1) a USING (area_code)
        LEFT JOIN district_names d ON d.key = lower(c.district)
        LEFT JOIN village_districts v ON v.village_key = c.village_key
        LEFT JOIN only_district o ON true
        WHERE line NOT IN (SELECT line FROM aside UNION ALL SELECT line FROM known UNION ALL
            SELECT line FROM numbered WHERE doubt IS NULL)
        AND (relation_name IS NOT NULL)::INTEGER + (coalesce(year(born_on), birth_year) IS NOT NULL)::INTEGER
            + (mobile IS NOT NULL)::INTEGER + (village IS NOT NULL OR area_code IS NOT NULL)::INTEGER >= 2""")
    alive = (
        "SELECT * EXCLUDE (village_hi, path, aadhaar_ref, died_on, moved_out, inside) FROM people"
        " WHERE inside AND died_on IS NULL"
    )
    duck.execute(f"CREATE OR REPLACE TABLE right_people AS {alive}")
    duck.execute(
        "CREATE OR REPLACE TABLE pairs (line BIGINT, row_id BIGINT, weight DOUBLE, probability DOUBLE, band VARCHAR, evidence VARCHAR)"
    )
    _add_pairs(duck, match)
    # whom no living resident resembles may have died: that is no ghost
    duck.execute(
        "DELETE FROM left_rows WHERE row_id IN (SELECT line FROM pairs);"
        f" CREATE OR REPLACE TABLE right_people AS {alive.replace('died_on IS NULL', 'died_on IS NOT NULL')}"
    )
    _add_pairs(duck, match)
    duck.execute("DROP TABLE left_rows; DROP TABLE right_people; DROP TABLE people_keys")
    duck.execute("DROP TABLE village_districts; DROP TABLE only_district")


def _districts(duck: duckdb.DuckDBPyConnection) -> None:
    """Make `village_districts` and `only_district`, from which the district of a row that names none follows.

    The linkage counts how often two rows agree in a village by district and village together: a list without districts would agree
    with nobody there, and the same village would speak as loudly as the same mobile number.
    """
    duck.execute(f"""
        CREATE OR REPLACE TABLE village_districts AS
        WITH named AS (SELECT DISTINCT village AS name, district FROM people WHERE inside UNION SELECT village_hi, district FROM people WHERE inside)
        SELECT {name_key_sql("name")} AS village_key, any_value(district) AS district FROM named WHERE name IS NOT NULL
        GROUP BY 1 HAVING count(DISTINCT district) = 1 AND village_key <> ''""")
    duck.execute("""
        CREATE OR REPLACE TABLE only_district AS
        SELECT any_value(district) AS district FROM people WHERE inside HAVING count(DISTINCT district) = 1""")


def _add_pairs(duck: duckdb.DuckDBPyConnection, match: Match) -> None:
    for table in ("left_rows", "right_people"):
        row = duck.execute(f"SELECT count(*) FROM {table}").fetchone()
        if not row or not row[0]:
            return
    found = match(duck, "left_rows", "right_people")
    duck.execute(
        "INSERT INTO pairs SELECT left_id, right_id, weight, probability, band, CAST(evidence AS VARCHAR)"
        f" FROM {found}; DROP TABLE {found}"
    )


def _outcome(duck: duckdb.DuckDBPyConnection) -> None:
    duck.execute(f"""
        CREATE OR REPLACE TABLE ranked AS
        SELECT p.*, row_number() OVER likeliest AS place, weight - lead(weight) OVER likeliest AS ahead
        FROM pairs p WINDOW likeliest AS (PARTITION BY line ORDER BY weight DESC, row_id)
        QUALIFY place <= {MOST_CANDIDATES}""")
    duck.execute(f"""
        CREATE OR REPLACE TABLE proposed AS
        WITH likeliest AS (
            SELECT line, member_id, weight, 1.0 AS probability, how AS reason, doubt FROM numbered
            UNION ALL
            SELECT line, row_id, weight, probability, 'likeness',
                CASE WHEN line IN (SELECT line FROM elsewhere) THEN 'numbers_disagree'
                    WHEN band <> 'certain' THEN 'unsure' WHEN ahead < {RIVAL} THEN 'rival' END
            FROM ranked WHERE place = 1 AND line NOT IN (SELECT line FROM numbered)
        )
        SELECT l.* REPLACE (
            CASE WHEN n.line IS NOT NULL THEN 'somebody_new'
                -- what a person took apart the machine does not put together again
                WHEN u.member_id IS NOT NULL THEN coalesce(l.doubt, 'untied') ELSE l.doubt END AS doubt)
        FROM likeliest l JOIN clean c USING (line) LEFT JOIN nobodies n USING (line)
        LEFT JOIN (SELECT DISTINCT domain_id, member_id FROM untied) u ON u.domain_id = c.domain_id AND u.member_id = l.member_id
        -- an officer said that it is none of these
        WHERE n.line IS NULL OR NOT list_contains(n.offered, l.member_id)""")
    # one resident for one row of a list: the strongest claim stands, every other is looked at
    duck.execute("""
        CREATE OR REPLACE TABLE settled AS
        SELECT p.line, p.member_id, p.weight, p.probability, p.reason,
            CASE WHEN p.doubt IS NOT NULL THEN p.doubt
                WHEN k.member_id IS NOT NULL OR row_number() OVER (PARTITION BY p.member_id ORDER BY p.doubt IS NOT NULL, p.weight DESC, p.line) > 1
                    THEN 'taken'
                WHEN o.member_id IS NOT NULL THEN 'tied_already'
                WHEN t.member_id <> p.member_id THEN 'changed_person' END AS doubt
        FROM proposed p JOIN clean c USING (line)
        LEFT JOIN (SELECT DISTINCT member_id FROM known WHERE member_id IS NOT NULL) k ON k.member_id = p.member_id
        LEFT JOIN tied t ON t.domain_id = c.domain_id
        LEFT JOIN (SELECT member_id, min(domain_id) AS domain_id FROM tied WHERE NOT gone AND domain_id NOT IN
            (SELECT domain_id FROM clean WHERE domain_id IS NOT NULL) GROUP BY member_id) o
            ON o.member_id = p.member_id AND o.domain_id <> c.domain_id""")
    duck.execute("""
        CREATE OR REPLACE TABLE offered AS
        SELECT line, list({'member': member_id, 'weight': round(weight, 2), 'probability': probability, 'evidence': evidence}
            ORDER BY weight DESC, member_id) AS candidates
        FROM (
            SELECT line, row_id AS member_id, weight, probability, coalesce(evidence, '[]') AS evidence FROM ranked
            UNION
            SELECT b.line, b.row_id, max(b.weight), 1.0, '[["' || arg_max(b.how, b.weight) || '", "exact", ' || max(b.weight) || ']]'
            FROM by_number b WHERE NOT EXISTS (FROM ranked r WHERE r.line = b.line AND r.row_id = b.row_id) GROUP BY b.line, b.row_id
        ) GROUP BY line""")
    duck.execute("""
        CREATE OR REPLACE TABLE outcome AS
        SELECT c.line, c.domain_id, c.fingerprint,
            CASE WHEN a.line IS NOT NULL THEN 'aside' WHEN k.line IS NOT NULL THEN 'known' WHEN s.line IS NULL THEN 'rejected'
                 WHEN s.doubt IS NULL THEN 'automatic' ELSE 'review' END AS band,
            CASE WHEN a.line IS NOT NULL THEN a.code WHEN k.line IS NOT NULL THEN k.reason WHEN s.line IS NOT NULL THEN coalesce(s.doubt, s.reason)
                 WHEN e.line IS NOT NULL THEN 'lives_elsewhere' WHEN n.line IS NOT NULL THEN 'judged_nobody'
                 WHEN (c.relation_name IS NOT NULL)::INTEGER + (coalesce(year(c.born_on), c.birth_year) IS NOT NULL)::INTEGER
                    + (c.mobile IS NOT NULL)::INTEGER + (c.village IS NOT NULL OR c.area_code IS NOT NULL)::INTEGER < 2
                    THEN 'name_alone' ELSE 'nobody' END AS reason,
            CASE WHEN a.line IS NOT NULL THEN NULL WHEN k.line IS NOT NULL THEN k.member_id WHEN s.doubt IS NULL THEN s.member_id END AS member_id,
            CASE WHEN a.line IS NULL AND k.line IS NULL THEN s.weight END AS weight,
            CASE WHEN a.line IS NULL AND k.line IS NULL THEN s.probability END AS probability,
            a.of_line, coalesce(o.candidates, []) AS candidates
        FROM clean c LEFT JOIN (SELECT line, first(code) AS code, first(of_line) AS of_line FROM aside GROUP BY line) a USING (line)
        LEFT JOIN known k USING (line) LEFT JOIN settled s USING (line) LEFT JOIN offered o USING (line)
        LEFT JOIN elsewhere e USING (line) LEFT JOIN nobodies n USING (line)""")
    for table in (
        "ranked", "proposed", "settled", "offered", "by_number", "numbered", "known", "nobodies", "elsewhere", "pairs",
    ):  # fmt: skip
        duck.execute(f"DROP TABLE {table}")


def findings(duck: duckdb.DuckDBPyConnection) -> None:
    """Make `finding` (line, kind, member_id, other_line): payees who are to be examined.

    `not_found` nobody in the register resembles the row; `lives_elsewhere` a number and the name are somebody's outside the list's
    area; `dead`, `moved_out` by the register; `listed_twice` one person under two numbers. Rows that wait for people are none yet.
    """
    duck.execute("""
        CREATE OR REPLACE TABLE finding AS
        SELECT line, 'not_found' AS kind, NULL::BIGINT AS member_id, NULL::BIGINT AS other_line FROM outcome
            WHERE band = 'rejected' AND reason IN ('nobody', 'judged_nobody')
        UNION ALL
        SELECT line, 'lives_elsewhere', NULL, NULL FROM outcome WHERE band = 'rejected' AND reason = 'lives_elsewhere'
        UNION ALL
        SELECT o.line, CASE WHEN p.died_on IS NOT NULL THEN 'dead' ELSE 'moved_out' END, o.member_id, NULL FROM outcome o
            JOIN people p ON p.row_id = o.member_id WHERE o.band IN ('automatic', 'known') AND (p.died_on IS NOT NULL OR p.moved_out)
        UNION ALL
        SELECT line, 'listed_twice', NULL, of_line FROM outcome WHERE reason IN ('same_aadhaar', 'same_person', 'id_twice')""")
