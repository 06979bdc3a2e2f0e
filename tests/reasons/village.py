"""A village whose October 2016 was decided before the State learned of a death, a certificate and a wrong birth date."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from haqdar.jobs.month import MonthResult, run_month
from haqdar.registry.actions import load_folder

HUSBAND, WIFE, LAME, OLD, MOTHER = 100000001, 100000002, 100000003, 100000004, 100000005
OCTOBER = "2016-10"
EARLY, LATE = date(2016, 9, 25), date(2016, 11, 25)
FIRST = {
    "areas.csv": """area_code,kind,parent_code,name_en
S,state,,State
D,district,S,District
B,block,D,Block
G,gp,B,Panchayat
H,gp,B,Neighbour
""",
    "offices.csv": "office_code,kind,area_code,ddo_code,name_en\nJ,janpad,B,DDO1,Janpad\n",
    "families.csv": """family_id,area_code,social_category,recorded_on
10000001,G,SC,2015-01-01
10000002,G,OBC,2015-01-01
10000003,H,OBC,2015-01-01
""",
    "residents.csv": f"""member_id,family_id,name_en,name_hi,sex,born_on,mother_id,spouse_id,marital_status,marital_since,destitute,income_tax_payer,recorded_on
{HUSBAND},10000001,Ram Lal,राम लाल,M,1950-01-01,,{WIFE},married,1975-01-01,false,false,2015-01-01
{WIFE},10000001,Sita Bai,सीता बाई,F,1955-01-01,,{HUSBAND},married,1975-01-01,false,false,2015-01-01
{LAME},10000002,Mohan,मोहन,M,1980-05-05,{MOTHER},,never_married,,false,false,2015-01-01
{OLD},10000002,Kamla Bai,कमला बाई,F,1953-06-01,,,widowed,2010-01-01,false,false,2015-01-01
{MOTHER},10000003,Gita,गीता,F,1958-03-03,,,married,,false,,2015-01-01
""",
    "bpl.csv": "family_id,card_no,valid_from,valid_to\n10000001,C1,2010-01-01,\n10000002,C2,2010-01-01,2017-03-31\n",
    "pensioners.csv": f"member_id,scheme,since,amount\n{HUSBAND},IGNOAPS,2012-04-01,275\n{WIFE},IGNOAPS,2015-02-01,200\n{OLD},IGNWPS,2012-04-01,300\n",
}
LATER = {
    "events.csv": "event_id,member_id,kind,happened_on,reported_on,spouse_id\n"
    f"E1,{HUSBAND},death,2016-09-12,2016-11-10,\n",
    "pwd.csv": "member_id,certificate_no,kind,percent,issued_on,valid_to\n"
    f"{LAME},P7,locomotor,85,2016-05-01,2018-04-30\n",
    "residents.csv": "member_id,family_id,name_en,name_hi,sex,born_on,mother_id,spouse_id,marital_status,marital_since,"
    "destitute,income_tax_payer,recorded_on\n"
    f"{OLD},10000002,Kamla Bai,कमला बाई,F,1936-06-01,,,widowed,2010-01-01,false,false,2016-11-15\n",
}


def load(files: dict[str, str], delivered_on: date, folder: Path) -> None:
    """Deliver register files on a day."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    load_folder(folder, delivered_on, folder)


def decide_october(folder: Path, known_on: date = EARLY) -> MonthResult:
    """Run October with what was known on a day."""
    return run_month(OCTOBER, folder / f"month-{known_on}", known_on=known_on)
