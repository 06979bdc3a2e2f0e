-- Residents as believed now, with family and place; {chosen} chooses them, {scope} keeps to the actor's area.
SELECT r.member_id, i.key, r.family_id, fi.key, r.name_en, coalesce(r.name_hi, ''), r.sex, r.born_on,
       r.relation_to_head, r.mother_id, r.father_id, r.spouse_id, r.marital_status, r.marital_since,
       r.destitute, r.income_tax_payer, r.mobile, r.aadhaar_last4, r.ifsc, r.account_last4,
       f.address, f.social_category, a.area_code, a.name_en, coalesce(a.name_hi, ''), a.path, a.district_code
FROM registry_resident_belief r
JOIN registry_resident i USING (member_id)
JOIN registry_family fi ON fi.family_id = r.family_id
JOIN registry_family_belief f ON f.family_id = r.family_id
JOIN access_area a ON a.area_code = f.area_code
WHERE {chosen}
  AND {scope}
  AND NOT EXISTS (SELECT 1 FROM registry_resident_belief n
                  WHERE n.member_id = r.member_id AND n.belief_no > r.belief_no AND n.belief_no > 1)
  AND NOT EXISTS (SELECT 1 FROM registry_family_belief n
                  WHERE n.family_id = f.family_id AND n.belief_no > f.belief_no AND n.belief_no > 1)
