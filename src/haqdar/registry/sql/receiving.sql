-- Where money of the members in the temporary table `wanted_payee` goes: name, branch, sealed account (two bytes of key
-- version in front) and reference key of the Aadhaar number (16 bytes, see haqdar.vault) of whom it is to reach, by what is believed on `known_on`.
-- Of the living their own, or those of the guardian or other receiver while an arrangement holds on the day `on` and the receiver
-- lives; the name is always the person's. What the dead are still owed goes to a registered heir, in the heir's name, and to
-- nobody else: their own account and who received for them end with their life. `heirless` are the dead without an heir.
WITH death AS (
    SELECT DISTINCT e.member_id FROM (
        SELECT DISTINCT ON (b.event_id) b.member_id, b.kind FROM registry_event_belief b
        WHERE b.known_from <= %(known_on)s::date AND b.event_id IN (
            SELECT d.event_id FROM registry_event_belief d
            WHERE d.kind = 'death' AND d.member_id IN (SELECT member_id FROM wanted_payee)
            UNION ALL
            SELECT d.event_id FROM registry_event_belief d
            WHERE d.kind = 'death' AND d.member_id IN (
                SELECT p.receiver_id FROM registry_payee_belief p JOIN wanted_payee USING (member_id)))
        ORDER BY b.event_id, b.belief_no DESC) e
    WHERE e.kind = 'death'
), arranged AS (
    -- an heir counts for the dead only, and everybody else for the living only
    SELECT DISTINCT ON (p.member_id) p.member_id, p.receiver_id, p.reason, p.from_on, p.to_on
    FROM wanted_payee w JOIN registry_payee_belief p USING (member_id) LEFT JOIN death d USING (member_id)
    WHERE p.known_from <= %(known_on)s::date AND (p.reason = 'heir') = (d.member_id IS NOT NULL)
    ORDER BY p.member_id, p.belief_no DESC
), receives AS (
    SELECT a.member_id, a.reason = 'heir' AS heir, b.name_en, b.ifsc, int2send(b.key_version) || b.account_sealed AS account_sealed,
        b.account_last4, uuid_send(b.aadhaar_ref) AS aadhaar_ref, b.aadhaar_last4
    FROM arranged a CROSS JOIN LATERAL (
        SELECT x.* FROM registry_resident_belief x
        WHERE x.member_id = a.receiver_id AND x.known_from <= %(known_on)s::date
        ORDER BY x.belief_no DESC LIMIT 1) b
    WHERE CASE a.reason WHEN 'heir' THEN a.to_on IS NULL
            ELSE a.from_on <= %(on)s::date AND (a.to_on IS NULL OR a.to_on >= %(on)s::date) END
        AND NOT EXISTS (SELECT FROM death d WHERE d.member_id = a.receiver_id)
), own AS (
    SELECT DISTINCT ON (b.member_id) b.member_id, b.family_id, b.name_en, b.ifsc,
        int2send(b.key_version) || b.account_sealed AS account_sealed, b.account_last4,
        uuid_send(b.aadhaar_ref) AS aadhaar_ref, b.aadhaar_last4
    FROM wanted_payee w JOIN registry_resident_belief b USING (member_id)
    WHERE b.known_from <= %(known_on)s::date ORDER BY b.member_id, b.belief_no DESC
)
SELECT o.member_id, o.family_id,
    CASE WHEN r.heir THEN r.name_en ELSE o.name_en END AS name_en,
    CASE WHEN r.member_id IS NOT NULL THEN r.ifsc WHEN d.member_id IS NULL THEN o.ifsc END AS ifsc,
    CASE WHEN r.member_id IS NOT NULL THEN r.account_sealed WHEN d.member_id IS NULL THEN o.account_sealed END AS account_sealed,
    CASE WHEN r.member_id IS NOT NULL THEN r.account_last4 WHEN d.member_id IS NULL THEN o.account_last4 END AS account_last4,
    CASE WHEN r.member_id IS NOT NULL THEN r.aadhaar_ref WHEN d.member_id IS NULL THEN o.aadhaar_ref END AS aadhaar_ref,
    CASE WHEN r.member_id IS NOT NULL THEN r.aadhaar_last4 WHEN d.member_id IS NULL THEN o.aadhaar_last4 END AS aadhaar_last4,
    d.member_id IS NOT NULL AND r.member_id IS NULL AS heirless,
    r.heir IS TRUE AS heir
FROM own o
LEFT JOIN receives r USING (member_id)
LEFT JOIN death d USING (member_id)
ORDER BY o.member_id
