-- One belief for each of the members who comes to another family or stands otherwise to its head; one row of news beside it.
WITH latest AS (
    SELECT DISTINCT ON (b.member_id) b.* FROM registry_resident_belief b
    WHERE b.member_id = ANY(%(members)s) OR b.member_id = %(head)s
    ORDER BY b.member_id, b.belief_no DESC
), married AS (
    SELECT DISTINCT ON (member_id) member_id, spouse_id FROM (
        SELECT DISTINCT ON (e.event_id) e.event_id, e.member_id, e.kind, e.happened_on, e.spouse_id
        FROM registry_event_belief e
        WHERE e.event_id IN (SELECT event_id FROM registry_event_belief
                             WHERE member_id IN (SELECT member_id FROM latest))
        ORDER BY e.event_id, e.belief_no DESC) now
    WHERE kind IN ('marriage', 'remarriage')
    ORDER BY member_id, happened_on DESC, event_id DESC
), one AS (
    SELECT l.member_id, l.sex, l.mother_id, l.father_id, coalesce(m.spouse_id, l.spouse_id) AS spouse_id
    FROM latest l LEFT JOIN married m USING (member_id)
), head AS (
    SELECT * FROM one WHERE member_id = %(head)s
), related AS (
    SELECT o.member_id, CASE
        WHEN o.member_id = h.member_id THEN 'head'
        WHEN o.spouse_id = h.member_id OR h.spouse_id = o.member_id
            THEN CASE o.sex WHEN 'F' THEN 'wife' WHEN 'M' THEN 'husband' ELSE 'spouse' END
        WHEN h.member_id IN (o.mother_id, o.father_id)
            THEN CASE o.sex WHEN 'F' THEN 'daughter' WHEN 'M' THEN 'son' ELSE 'other' END
        WHEN o.member_id = h.mother_id THEN 'mother'
        WHEN o.member_id = h.father_id THEN 'father'
        WHEN h.member_id IN (s.mother_id, s.father_id)
            THEN CASE o.sex WHEN 'F' THEN 'daughter_in_law' WHEN 'M' THEN 'son_in_law' ELSE 'other' END
        WHEN h.member_id IN (m.mother_id, m.father_id, f.mother_id, f.father_id)
            THEN CASE o.sex WHEN 'F' THEN 'granddaughter' WHEN 'M' THEN 'grandson' ELSE 'grandchild' END
        WHEN o.mother_id = h.mother_id OR o.father_id = h.father_id
            THEN CASE o.sex WHEN 'F' THEN 'sister' WHEN 'M' THEN 'brother' ELSE 'other' END
        ELSE 'other' END AS relation
    FROM one o CROSS JOIN head h
    LEFT JOIN LATERAL (SELECT mother_id, father_id FROM registry_resident_belief x
                       WHERE x.member_id = o.spouse_id ORDER BY x.belief_no DESC LIMIT 1) s ON true
    LEFT JOIN LATERAL (SELECT mother_id, father_id FROM registry_resident_belief x
                       WHERE x.member_id = o.mother_id ORDER BY x.belief_no DESC LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT mother_id, father_id FROM registry_resident_belief x
                       WHERE x.member_id = o.father_id ORDER BY x.belief_no DESC LIMIT 1) f ON true
), changed AS (
    SELECT l.*, CASE WHEN r.relation = 'other' AND l.family_id = %(family)s
                     -- what was said of people of the family before is better than nothing
                     AND lower(l.relation_to_head) NOT IN ('head', 'self', 'मुखिया', 'स्वयं')
                THEN l.relation_to_head ELSE r.relation END AS relation
    FROM latest l JOIN related r USING (member_id)
    WHERE l.member_id = ANY(%(members)s)
), stored AS (
    INSERT INTO registry_resident_belief (member_id, belief_no, family_id, name_en, name_hi, sex, born_on, relation_to_head,
        mother_id, father_id, spouse_id, marital_status, marital_since, destitute, income_tax_payer, mobile, aadhaar_ref,
        aadhaar_last4, ifsc, account_sealed, account_hash, account_last4, key_version, recorded_on,
        known_from, line, fingerprint, delivery_id, verified_by, verified_at)
    SELECT member_id, belief_no + 1, %(family)s, name_en, name_hi, sex, born_on, relation,
        mother_id, father_id, spouse_id, marital_status, marital_since, destitute, income_tax_payer, mobile, aadhaar_ref,
        aadhaar_last4, ifsc, account_sealed, account_hash, account_last4, key_version, recorded_on,
        greatest(known_from, %(today)s), 0, fingerprint, %(delivery)s,
        CASE WHEN verified_at IS NOT NULL THEN %(actor)s END, CASE WHEN verified_at IS NOT NULL THEN %(now)s::timestamptz END
    FROM changed
    WHERE family_id <> %(family)s OR relation_to_head IS DISTINCT FROM relation
    RETURNING member_id)
INSERT INTO registry_change (register, kind, member_id, delivery_id, recorded_at, recorded_by)
SELECT 'resident', '', member_id, %(delivery)s, %(now)s, %(actor)s FROM stored ORDER BY member_id
RETURNING id
