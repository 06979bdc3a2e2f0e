-- What closed months up to one owe and could not be sent, with the reason as it is now: who died meanwhile waits for an heir.
-- What no drawing officer has is on no bill and stays with the register's next look.
WITH open AS (
    SELECT n.run_id, c.month, n.member_id, n.pension_group, n.scheme, n.paise, n.reason, n.area_code
    FROM payments_not_payable n JOIN payments_month_closing c ON c.run_id = n.run_id
    WHERE c.month <= %(month)s AND n.reason <> 'no_ddo' AND NOT EXISTS (
        SELECT FROM payments_instruction i
        WHERE i.run_id = n.run_id AND i.member_id = n.member_id AND i.scheme = n.scheme AND i.origin = '')
), dead AS (
    SELECT DISTINCT e.member_id FROM (
        SELECT DISTINCT ON (b.event_id) b.member_id, b.kind FROM registry_event_belief b
        WHERE b.event_id IN (
            SELECT event_id FROM registry_event_belief WHERE kind = 'death' AND member_id IN (SELECT member_id FROM open))
        ORDER BY b.event_id, b.belief_no DESC) e
    WHERE e.kind = 'death'
)
SELECT o.run_id, o.month, o.member_id, o.pension_group, o.scheme, o.paise, o.area_code,
    CASE WHEN d.member_id IS NOT NULL THEN 'no_heir' ELSE o.reason END AS reason
FROM open o LEFT JOIN dead d USING (member_id)
