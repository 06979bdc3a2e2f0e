-- Open pairs of the scope that the run no longer finds; gives how many. Those without a run (eKYC's) are not the linkage's to withdraw.
WITH gone AS (
    UPDATE identity_pair p SET state = 'withdrawn', since_at = %(now)s
    WHERE p.state = 'open' AND p.run_id <> %(run)s
      AND (%(scope)s = '' OR EXISTS (SELECT 1 FROM access_area a JOIN access_area b ON b.district_code = a.district_code
            WHERE a.area_code = p.first_area AND b.area_code = p.second_area AND a.district_code = %(scope)s))
    RETURNING 1
)
SELECT count(*) FROM gone
