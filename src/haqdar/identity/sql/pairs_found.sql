-- What a run found (temporary table pair_found) into the table of pairs; gives how many are open now that were not before.
-- A pair without a run was opened by eKYC on a verified number, which the run does not know: it stays as it is.
WITH before AS (
    SELECT first_id, second_id, state FROM identity_pair p WHERE (first_id, second_id) IN (SELECT first_id, second_id FROM pair_found)
), kept AS (
    INSERT INTO identity_pair AS p (first_id, second_id, first_area, second_area, weight, band, evidence, facts, cluster,
        state, since_at, found_at, run_id)
    SELECT first_id, second_id, first_area, second_area, weight, band, evidence, facts, cluster,
        'open', %(now)s, %(now)s, %(run)s
    FROM pair_found
    ON CONFLICT (first_id, second_id) DO UPDATE SET
        first_area = excluded.first_area, second_area = excluded.second_area, weight = excluded.weight, band = excluded.band,
        evidence = excluded.evidence, facts = excluded.facts, cluster = excluded.cluster, run_id = excluded.run_id,
        state = CASE WHEN p.state = 'withdrawn'
            -- judged: only other facts that speak more for one person open it again
            OR p.state = 'different' AND excluded.facts IS DISTINCT FROM p.judged_facts AND excluded.weight > p.judged_weight
            THEN 'open' ELSE p.state END,
        since_at = CASE WHEN p.state = 'withdrawn'
            OR p.state = 'different' AND excluded.facts IS DISTINCT FROM p.judged_facts AND excluded.weight > p.judged_weight
            THEN excluded.since_at ELSE p.since_at END
    WHERE p.run_id IS NOT NULL
    RETURNING p.first_id, p.second_id, p.state
)
SELECT count(*) FROM kept k LEFT JOIN before b USING (first_id, second_id)
WHERE k.state = 'open' AND b.state IS DISTINCT FROM 'open'
