-- Every fact that a benefit may speak of, for each (member_id, day) asked: one row each, residents only.
WITH asked AS (
    SELECT DISTINCT member_id, day FROM {asks}
), spouse_asked AS (
    SELECT a.member_id, a.day, arg_max(s.spouse_id, s.from_day) AS spouse_id
    FROM asked a JOIN spouse_period s ON s.member_id = a.member_id AND s.from_day <= a.day
    GROUP BY a.member_id, a.day
), couple_asked AS (
    SELECT member_id, day, member_id AS half_id FROM asked
    UNION
    SELECT a.member_id, a.day, coalesce(s.spouse_id, p.base_spouse)
    FROM asked a
    JOIN person p ON p.member_id = a.member_id
    LEFT JOIN spouse_asked s ON s.member_id = a.member_id AND s.day = a.day
    WHERE coalesce(s.spouse_id, p.base_spouse) <> 0
), kin (asker_id, ask_day, relation, kin_id) AS MATERIALIZED (
    {kin}
), everyone AS (
    SELECT member_id, day FROM asked UNION SELECT kin_id, ask_day FROM kin
), student_now AS (
    -- of several enrolments the highest class counts; unknown marks of it are unknown
    SELECT e.member_id, e.day, max(s.student_class) AS student_class,
           arg_max(coalesce(s.marks_percent, -1), (s.student_class, s.enrolled_on, coalesce(s.marks_percent, -1))) AS marks
    FROM everyone e JOIN raw_student s ON s.member_id = e.member_id
         AND s.enrolled_on <= e.day AND (s.left_on IS NULL OR e.day <= s.left_on)
    GROUP BY e.member_id, e.day
), income_now AS (
    SELECT e.member_id, e.day, arg_max(i.annual_paise, i.valid_from) / 100.0 AS annual_income
    FROM everyone e JOIN raw_income i ON i.member_id = e.member_id
         AND i.valid_from <= e.day AND (i.valid_to IS NULL OR e.day <= i.valid_to)
    GROUP BY e.member_id, e.day
), life AS MATERIALIZED (
    SELECT f.*, h.head_of_family, i.annual_income,
           s.member_id IS NOT NULL AS is_student,
           coalesce(s.student_class, 0) AS student_class,
           CASE WHEN s.member_id IS NULL THEN 0.0 WHEN s.marks >= 0 THEN s.marks END AS marks_percent
    FROM ({facts}) f
    LEFT JOIN raw_household h ON h.member_id = f.member_id
    LEFT JOIN student_now s ON s.member_id = f.member_id AND s.day = f.day
    LEFT JOIN income_now i ON i.member_id = f.member_id AND i.day = f.day
), of_kin AS (
    SELECT asker_id, ask_day{columns}
    FROM kin JOIN life ON life.member_id = kin_id AND life.day = ask_day
    GROUP BY asker_id, ask_day
)
SELECT l.*{chosen}
FROM asked a
JOIN life l ON l.member_id = a.member_id AND l.day = a.day
LEFT JOIN of_kin k ON k.asker_id = a.member_id AND k.ask_day = a.day
