-- The bills of a month in the actor's area: what the bill says, the voucher, and what the banks said of its lines.
WITH office AS (
    SELECT DISTINCT ON (o.ddo_code) o.ddo_code, o.name_en, o.name_hi
    FROM access_office o JOIN access_area a ON a.area_code = o.area_code
    WHERE o.ddo_code IS NOT NULL AND a.path LIKE ANY(%(paths)s)
    ORDER BY o.ddo_code, a.depth, o.office_code
),
stood AS (
    SELECT s.bill_id,
        coalesce(sum(s.paise) FILTER (WHERE s.outcome <> 'left_out'), 0)::bigint AS lines,
        coalesce(sum(s.paise) FILTER (WHERE s.outcome = 'left_out'), 0)::bigint AS left_out,
        coalesce(sum(s.paise) FILTER (WHERE s.outcome LIKE 'credited%%'), 0)::bigint AS credited,
        coalesce(sum(s.paise) FILTER (WHERE s.outcome IN ('returned', 'again')), 0)::bigint AS back,
        coalesce(sum(s.paise) FILTER (WHERE s.outcome = 'sent'), 0)::bigint AS sent,
        min(s.value_from) AS value_from, max(s.value_to) AS value_to, sum(s.without_utr)::int AS without_utr
    FROM payments_bill_standing s WHERE s.month = %(month)s
    GROUP BY 1
),
row AS (
    SELECT b.bill_no, b.kind, b.ddo_code, o.name_en, o.name_hi, b.scheme, b.head, b.paise AS drawn, b.persons,
        v.key,
        coalesce(v.state, (SELECT e.state FROM payments_bill_version e WHERE e.bill_id = b.id ORDER BY e.version DESC LIMIT 1), '')
            AS state, v.paise AS version_paise,
        -- what came back and lapsed with the year left the passed bill, and its sum went back to the head
        coalesce((SELECT sum(e.paise) FROM payments_budget_entry e WHERE e.version_id = v.id AND e.kind = 'release'), 0)::bigint
            AS lapsed, coalesce(v.voucher_no, '') AS voucher_no, v.voucher_on,
        coalesce(s.lines, 0) AS lines, coalesce(s.left_out, 0) AS left_out, coalesce(s.credited, 0) AS credited,
        coalesce(s.back, 0) AS back, coalesce(s.sent, 0) AS sent, s.value_from, s.value_to,
        coalesce(s.without_utr, 0) AS without_utr,
        count(*) FILTER (WHERE v.voucher_no <> '') OVER (PARTITION BY b.ddo_code, v.voucher_no, v.voucher_on) AS of_the_voucher
    FROM payments_bill b
    JOIN cases_month_run r ON r.id = b.run_id AND r.state = 'complete' AND r.posted AND r.month = %(month)s
    LEFT JOIN payments_bill_version v ON v.bill_id = b.id AND v.state NOT IN ('objected', 'cancelled')
    LEFT JOIN office o ON o.ddo_code = b.ddo_code
    LEFT JOIN stood s ON s.bill_id = b.id
    WHERE o.ddo_code IS NOT NULL OR %(whole_state)s
),
compared AS (
    SELECT row.*, array_remove(ARRAY[
        CASE WHEN state NOT IN ('passed', 'paid') AND credited + sent + back > 0 THEN 'no_voucher' END,
        CASE WHEN version_paise - lapsed <> lines THEN 'sum' END,
        CASE WHEN of_the_voucher > 1 THEN 'voucher_twice' END,
        CASE WHEN state IN ('passed', 'paid') AND lines > credited + sent + back THEN 'not_sent' END,
        CASE WHEN sent > 0 AND %(late)s THEN 'unanswered' END,
        CASE WHEN back > 0 THEN 'back' END,
        CASE WHEN without_utr > 0 THEN 'without_utr' END
    ], NULL) AS differences
    FROM row
)
