-- The accounts with a posting in an area, filtered; one page of them, each with the number of all.
WITH posted AS (
    SELECT p.user_id, p.role, p.functions, p.from_on, p.to_on
    FROM access_posting p JOIN access_area a USING (area_code)
    WHERE a.path LIKE ANY(%(patterns)s) AND a.path LIKE %(below)s
),
people AS (
    SELECT u.id, u.username, u.is_active,
        bool_or(p.from_on <= %(today)s AND (p.to_on IS NULL OR p.to_on >= %(today)s)) AS now,
        bool_or(p.from_on > %(today)s) AS coming,
        bool_or(
            (p.to_on IS NULL OR p.to_on >= %(today)s) AND p.role = ANY(%(strong_roles)s)
            AND (p.functions IS NULL OR p.functions && %(strong)s)
        ) AS strong
    FROM access_user u JOIN posted p ON p.user_id = u.id
    WHERE (%(role)s = '' OR p.role = %(role)s)
        AND (u.username ILIKE %(search)s OR u.name_en ILIKE %(search)s OR u.name_hi ILIKE %(search)s)
    GROUP BY u.id
)
SELECT p.id, count(*) OVER ()
FROM people p
WHERE CASE %(state)s
    WHEN '' THEN true
    WHEN 'locked' THEN NOT p.is_active
    WHEN 'now' THEN p.is_active AND p.now
    WHEN 'coming' THEN p.is_active AND p.coming AND NOT p.now
    WHEN 'over' THEN p.is_active AND NOT p.now AND NOT p.coming
    WHEN 'unprotected' THEN p.is_active AND p.strong AND NOT EXISTS (
        SELECT FROM mfa_authenticator m WHERE m.user_id = p.id AND m.type IN ('totp', 'webauthn')
    )
    ELSE false
END
ORDER BY p.username
LIMIT %(limit)s OFFSET %(offset)s
