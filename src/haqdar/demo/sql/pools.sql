-- How many people of this block stand in each cell.
SELECT cell, count(*) FROM resident WHERE cell IS NOT NULL GROUP BY cell
UNION ALL
SELECT mind_cell, count(*) FROM resident WHERE mind_cell IS NOT NULL GROUP BY mind_cell
UNION ALL
SELECT parent_cell, count(*) FROM parent WHERE parent_cell IS NOT NULL GROUP BY parent_cell
UNION ALL
SELECT 'ghost', count(*) FROM unit
