-- Bills that ended here (objected to by hand, cancelled) before the treasury has passed them: nothing more is asked about them.
WITH over AS (
    UPDATE payments_treasury_bill t SET state = 'ended', since_at = %(now)s, problem = ''
    FROM payments_bill_version v
    WHERE v.id = t.version_id AND v.state IN ('objected', 'cancelled') AND t.kind = 'bill'
        AND t.state IN ('held_back', 'queued', 'sent', 'approved', 'in_process', 'refused')
    RETURNING t.id, t.key
), told AS (
    UPDATE payments_treasury_message m SET state = 'done', problem = 'ended'
    FROM over WHERE m.bill_id = over.id AND m.state <> 'done'
)
SELECT id, key::text FROM over
