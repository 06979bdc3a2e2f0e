-- What keeps returned credits from going out again, as the month's run lists payees whom it cannot pay: one row a person and scheme.
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
