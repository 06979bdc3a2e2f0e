-- Nothing more goes out to somebody whom a bank reports dead until that is looked into; the money stays owed.
INSERT INTO payments_hold (member_id, resident_key, pension_group, scheme, area_code, origin, reason, note, placed_at, placed_by,
    review_on, released_by, release_note)
SELECT DISTINCT ON (r.member_id, r.scheme) r.member_id, i.key, r.pension_group, r.scheme, r.area_code, 'bank', 'died', '', now(),
    'platform', current_date + %(review_days)s::int, '', ''
FROM payments_return r
JOIN payments_response_line l ON l.id = r.line_id AND l.instruction_id = r.instruction_id
LEFT JOIN registry_resident i ON i.member_id = r.member_id
WHERE l.file_id = %(file)s AND l.disposition = 'applied' AND l.outcome = 'returned' AND r.state = 'held'
ON CONFLICT DO NOTHING
