-- What keeps returned credits from going out again, and whose account is somebody else's, as the month's run lists payees whom it
-- cannot pay.
-- Of the dead it is that no heir is registered; a death that is still looked into is another matter.
WITH open AS (
    SELECT * FROM payments_return WHERE state = 'waiting' AND action <> 'death' OR state = 'held'
), dead AS (
    SELECT DISTINCT e.member_id FROM (
        SELECT DISTINCT ON (b.event_id) b.member_id, b.kind FROM registry_event_belief b
        WHERE b.event_id IN (
            SELECT event_id FROM registry_event_belief WHERE kind = 'death' AND member_id IN (SELECT member_id FROM open))
        ORDER BY b.event_id, b.belief_no DESC) e
    WHERE e.kind = 'death'
)
SELECT DISTINCT ON (o.member_id, o.scheme) o.member_id, o.pension_group, o.scheme, o.paise,
    CASE WHEN d.member_id IS NOT NULL THEN 'no_heir' WHEN o.action = 'beneficiary' THEN 'returned_bank' ELSE 'returned_account' END
        AS reason, o.area_code
FROM open o LEFT JOIN dead d USING (member_id)
WHERE o.state = 'waiting' OR d.member_id IS NOT NULL
UNION ALL
SELECT d.member_id, i.pension_group, d.scheme, i.paise, 'other_holder', d.area_code
FROM payments_name_difference d
JOIN payments_instruction i ON i.id = d.instruction_id
JOIN payments_hold h ON h.member_id = d.member_id AND h.scheme = d.scheme AND h.released_at IS NULL AND h.reason = 'account'
WHERE d.finding = 'other'
    -- until the register has another account for the payee, or for whoever receives for the payee
    AND (i.rail = 'aadhaar' OR EXISTS (
        SELECT FROM (
            SELECT d.member_id AS of
            UNION ALL
            (SELECT receiver_id FROM registry_payee_belief WHERE member_id = d.member_id ORDER BY belief_no DESC LIMIT 1)
        ) who
        CROSS JOIN LATERAL (
            SELECT ifsc, account_last4 FROM registry_resident_belief WHERE member_id = who.of ORDER BY belief_no DESC LIMIT 1
        ) b
        WHERE b.ifsc = i.ifsc AND b.account_last4 = i.account_last4
    ))
