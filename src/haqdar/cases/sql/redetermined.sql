-- What one earlier month should have paid to each award holder under today's knowledge.
--   paid_then     what was posted for the month, net
--   back_decided  the difference between that and what the law says of that day, as known now
INSERT INTO redetermined
WITH covered AS (
    SELECT DISTINCT member_id, pension_group FROM notice_given
    WHERE given_month <= DATE '{month}' AND DATE '{month}' < effective_month
), holder AS (
    -- arrears go to whoever has an award now that reaches back to the month; a start once sanctioned reaches back to the
    -- month of eligibility, an award from the registers to its first day
    SELECT s.member_id, s.pension_group
    FROM settled s
    LEFT JOIN award_since a ON a.member_id = s.member_id AND a.pension_group = s.pension_group
    WHERE a.since IS NULL OR a.since <= DATE '{month}'
)
SELECT DATE '{month}', d.member_id, d.pension_group,
       CASE WHEN keeps THEN d.from_scheme ELSE coalesce(d.to_scheme, d.from_scheme) END,
       CASE WHEN keeps THEN d.from_paise ELSE d.to_paise END
FROM (
    SELECT b.*,
           -- undecided then or now: nothing is taken back on a guess; under notice the payment was owed
           b.action IN ('goes_on', 'continue')
           OR (c.member_id IS NOT NULL AND b.from_paise IS NOT NULL
               AND (b.action = 'stop' OR b.to_paise < b.from_paise)
               AND NOT (b.action = 'stop' AND b.reason IN ('died', 'migrated'))) AS keeps
    FROM back_decided b
    LEFT JOIN covered c ON c.member_id = b.member_id AND c.pension_group = b.pension_group
    WHERE b.action IS NOT NULL
) d
LEFT JOIN holder h ON h.member_id = d.member_id AND h.pension_group = d.pension_group
WHERE (keeps OR d.action IN ('move', 'revise', 'start'))
  AND (d.from_scheme IS NOT NULL OR h.member_id IS NOT NULL);
