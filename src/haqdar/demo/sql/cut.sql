-- The first lineage with which the block would hold more people than wanted.
SELECT min(u) FROM (SELECT u, sum(count(*)) OVER (ORDER BY u) AS reached FROM person GROUP BY u) WHERE reached > $1
