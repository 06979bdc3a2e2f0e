"""Payees to examine, in the village: two on one account, a third person elsewhere who has it too, and one nobody knows."""

from datetime import date

from tests.cases.village import GITA, MEENA, Village

NOBODY = 199_999_999
FILES = {
    "residents.csv": f"""member_id,family_id,name_en,sex,born_on,spouse_id,marital_status,marital_since,destitute,income_tax_payer,mobile,ifsc,account_no,recorded_on
{GITA},10000002,Gita Bai,F,1970-01-01,,widowed,2010-01-01,false,false,,HQDA0000001,1111111111,2016-09-01
{MEENA},10000004,Meena Bai,F,,,widowed,2011-01-01,false,false,,HQDA0000001,1111111111,2016-09-01
""",
    "pensioners.csv": f"member_id,scheme,since,amount\n{NOBODY},IGNOAPS,2013-07-01,275\n",
}


def deliver(village: Village) -> None:
    """Let Gita and Meena have Ram's account, and an unknown number be paid."""
    village.load(FILES, date(2016, 9, 5))
