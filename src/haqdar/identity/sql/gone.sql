-- Who lives in the State no more, as believed now: the dead; and, as on the household card, whoever moved out of the State and has
-- not come back. The one definition of those who are not counted among the living.
SELECT e.member_id FROM registry_event_belief e
WHERE e.kind IN ('death', 'migration_out', 'migration_in')
  AND NOT EXISTS (SELECT 1 FROM registry_event_belief n
                  WHERE n.event_id = e.event_id AND n.belief_no > e.belief_no AND n.belief_no > 1)
GROUP BY e.member_id
HAVING bool_or(e.kind = 'death')
    OR (array_agg(e.kind ORDER BY e.happened_on DESC, e.event_id DESC))[1] = 'migration_out'
