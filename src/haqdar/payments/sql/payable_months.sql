-- The closed months whose instructions may go out with the files of one month: that month, and the earlier ones that have a
-- bill passed but not yet paid, or a credit to be presented again that stands in no file.
SELECT c.month, c.run_id FROM payments_month_closing c
WHERE c.month = %(month)s
    OR (c.month < %(month)s AND (
        EXISTS (
            SELECT FROM payments_bill b JOIN payments_bill_version v ON v.bill_id = b.id
            WHERE b.run_id = c.run_id AND v.state = 'passed')
        OR EXISTS (
            SELECT FROM payments_instruction i
            WHERE i.run_id = c.run_id AND i.origin <> '' AND i.state = 'written'
                AND NOT EXISTS (SELECT FROM payments_file_item f WHERE f.instruction_id = i.id AND f.alive))))
ORDER BY c.month
