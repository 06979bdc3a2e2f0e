"""Why a department's list is refused as a whole, and what is to be done about it. A bad row is never a reason."""

from typing import Any

from haqdar.base.refusal import Refusal


class NoSuchList(Refusal):
    """There is no such list in the actor's area."""

    code = "no_such_list"
    en = "This list is not here, or it belongs to another area."
    hi = "यह सूची यहाँ नहीं है, या किसी और क्षेत्र की है।"


class NoSuchDepartment(Refusal):
    """No department has this code."""

    code = "no_such_department"
    en = "There is no department {given}; the departments are {known}. Enter it on the page of departments' lists first."
    hi = "{given} नाम का कोई विभाग नहीं है; विभाग ये हैं: {known}। पहले विभागों की सूचियों के पन्ने पर उसे दर्ज करें।"


class DepartmentIncomplete(Refusal):
    """A department needs a code, its names, its purpose and its basis in law."""

    code = "department_incomplete"
    en = "The entry is not complete: {said}"
    hi = "जानकारी पूरी नहीं है: {said}"


class DepartmentExists(Refusal):
    """The code is taken."""

    code = "department_exists"
    field = "code"
    en = "There is a department {code} already. Choose another short name, or use that department."
    hi = "{code} नाम का विभाग पहले से है। दूसरा छोटा नाम चुनें, या उसी विभाग का उपयोग करें।"


class NoFile(Refusal):
    """Nothing was handed in."""

    code = "no_list_file"
    field = "file"
    en = "Choose the department's file: CSV, Excel (.xlsx) or Parquet."
    hi = "विभाग की फ़ाइल चुनें: CSV, Excel (.xlsx) या Parquet।"


class NoPlace(Refusal):
    """The uploader has no area, so there is nobody to compare the list with."""

    code = "no_place_for_list"
    en = "There are no areas yet. Load the areas and the register first."
    hi = "अभी कोई क्षेत्र नहीं है। पहले क्षेत्र और रजिस्टर लोड करें।"


class NotAList(Refusal):
    """The bytes are no CSV, Excel or Parquet file."""

    code = "not_a_list"
    field = "file"
    en = "{file} cannot be read as CSV, Excel or Parquet: it is damaged or of another kind. Export it again and hand it in again."
    hi = "{file} CSV, Excel या Parquet के रूप में पढ़ी नहीं जा सकी: वह बिगड़ी है या दूसरे प्रकार की है। फिर से निर्यात करके दें।"


class LockedFile(Refusal):
    """The Excel file needs a password."""

    code = "locked_list"
    field = "file"
    en = "{file} is locked with a password. Take the password off and hand it in again."
    hi = "{file} पासवर्ड से बंद है। पासवर्ड हटाकर फिर दें।"


class EmptyList(Refusal):
    """There is a header and nothing below it, or not even that."""

    code = "empty_list"
    field = "file"
    en = "{file} has no row: the first row must name the columns, the beneficiaries follow below it."
    hi = "{file} में कोई पंक्ति नहीं है: पहली पंक्ति में स्तंभों के नाम हों, उसके नीचे हितग्राही।"


class TooManyRows(Refusal):
    """More rows than one list may have."""

    code = "list_too_long"
    field = "file"
    en = "{file} has more than {most} rows. Hand it in in parts, the later ones as supplements."
    hi = "{file} में {most} से ज़्यादा पंक्तियाँ हैं। उसे हिस्सों में दें, बाद वाले हिस्से पूरक सूची के रूप में।"


class ListTooBig(Refusal):
    """More bytes than the page takes."""

    code = "list_too_big"
    field = "file"
    en = "The file has more than {megabytes} MB. Hand it in as Parquet, or lay it on the server: ./haqdar seed FILE."
    hi = "फ़ाइल {megabytes} MB से बड़ी है। उसे Parquet में दें, या सर्वर पर रखकर चलाएँ: ./haqdar seed FILE।"


class ColumnMissing(Refusal):
    """A required field has no column, or one that the file does not have."""

    code = "field_without_column"
    en = "Say which column holds “{field}”; without it nobody can be compared."
    hi = "बताएँ कि “{field}” किस स्तंभ में है; उसके बिना किसी का मिलान नहीं हो सकता।"


class ColumnTwice(Refusal):
    """One column was chosen for two fields."""

    code = "column_for_two_fields"
    en = "The column “{column}” is chosen for two things: {fields}. Each column can be one thing only."
    hi = "स्तंभ “{column}” दो चीज़ों के लिए चुना गया है: {fields}। हर स्तंभ एक ही चीज़ हो सकता है।"


class ColumnsShifted(Refusal):
    """The cells of a column are not of the kind that was said: a wrong column was chosen, or the rows are shifted."""

    code = "columns_shifted"
    en = (
        "In the column “{column}”, said to be “{field}”, {share} % of the filled cells are none; the first is in line {line}."
        " Either another column holds it, or the cells of the file are shifted sideways. Nothing was compared. Check the columns"
        " below, or export the file again."
    )
    hi = (
        "स्तंभ “{column}” को “{field}” बताया गया, पर उसके भरे खानों में {share} % वैसे नहीं हैं; पहला पंक्ति {line} में है। या तो वह किसी"
        " और स्तंभ में है, या फ़ाइल के खाने बगल में खिसक गए हैं। कोई मिलान नहीं हुआ। नीचे स्तंभ जाँचें, या फ़ाइल फिर से निर्यात करें।"
    )


class RowsShifted(Refusal):
    """From some line on the cells stand under other columns than the header says, or the rows have other widths."""

    code = "rows_shifted"
    en = (
        "{rows} of {all} rows do not fit the header: their cells are shifted or their number is wrong, first in line {line}."
        " Nothing was compared. Export the file again; a cell that holds a comma must stand in quotation marks."
    )
    hi = (
        "{all} में से {rows} पंक्तियाँ शीर्ष से मेल नहीं खातीं: उनके खाने खिसके हैं या गिनती में ग़लत हैं, पहली पंक्ति {line}। कोई मिलान नहीं"
        " हुआ। फ़ाइल फिर से निर्यात करें; जिस खाने में अल्पविराम हो वह उद्धरण चिह्नों में हो।"
    )


class Doubtful(Refusal):
    """Beside the register the columns look exchanged, or next to nobody was found; `counts` are the figures to confirm."""

    code = "columns_doubtful"
    en = (
        "{what} Nothing is published yet, and nobody is listed as to be examined. Check the columns; if they are right, confirm them"
        " after a look at the first rows."
    )
    hi = (
        "{what} अभी कुछ प्रकाशित नहीं हुआ, और किसी का नाम जाँच के लिए नहीं लिखा गया। स्तंभ जाँचें; वे सही हों तो पहली पंक्तियाँ देखकर पुष्टि"
        " करें।"
    )

    def __init__(self, counts: dict[str, Any], **values: object) -> None:
        super().__init__(**values)
        self.counts = counts


class NotAnIdentifier(Refusal):
    """The column said to hold the department's own number holds the same for many, or is empty."""

    code = "not_an_identifier"
    en = (
        "“{column}” cannot be the department's own number of a beneficiary: only {distinct} different ones in {all} rows."
        " Choose the column with a number of its own for each beneficiary."
    )
    hi = "“{column}” विभाग का अपना हितग्राही क्रमांक नहीं हो सकता: {all} पंक्तियों में केवल {distinct} अलग-अलग। वह स्तंभ चुनें जिसमें हर हितग्राही का अपना क्रमांक हो।"


class AadhaarAsIdentifier(Refusal):
    """The column said to hold the department's own number holds Aadhaar numbers."""

    code = "aadhaar_as_identifier"
    en = (
        "“{column}” holds Aadhaar numbers. They may serve to find a person but never as the department's number: they are kept in"
        " the vault alone. Choose the department's own number, and say “Aadhaar” of this column."
    )
    hi = (
        "“{column}” में आधार संख्याएँ हैं। वे व्यक्ति को ढूँढने में काम आ सकती हैं, पर विभाग के क्रमांक के रूप में कभी नहीं: वे केवल तिजोरी में"
        " रहती हैं। विभाग का अपना क्रमांक चुनें, और इस स्तंभ को “आधार” बताएँ।"
    )


class NotWaiting(Refusal):
    """The list is not at the step that was asked for."""

    code = "list_not_waiting"
    en = "This is not possible now; the page shows how far the list is."
    hi = "अभी यह नहीं हो सकता; पन्ना दिखाता है कि सूची कहाँ तक पहुँची है।"


class FileGone(Refusal):
    """The bytes of a list lie in the data folder no more."""

    code = "list_file_gone"
    field = "file"
    en = "{file} is no longer kept. Hand it in again; it is read from the beginning."
    hi = "{file} अब रखी नहीं है। उसे फिर से दें; वह शुरू से पढ़ी जाएगी।"


class UnpacksTooBig(Refusal):
    """An Excel file that becomes enormous when it is unpacked."""

    code = "list_unpacks_too_big"
    field = "file"
    en = "Unpacked, {file} has more than {megabytes} MB or {cells} cells, empty ones included. Save it as CSV and hand that in."
    hi = "खोलने पर {file} {megabytes} MB से बड़ी है, या ख़ाली खाने मिलाकर उसमें {cells} से ज़्यादा खाने हैं। उसे CSV में सहेजकर दें।"


class ChooseNumber(Refusal):
    """No number was chosen."""

    code = "choose_number"
    field = "link"
    en = "Choose the number that is not this person's."
    hi = "वह क्रमांक चुनें जो इस व्यक्ति का नहीं है।"


class NotTied(Refusal):
    """The number was taken off the resident already."""

    code = "number_not_tied"
    en = "This number is no longer on the resident; somebody took it off already."
    hi = "यह क्रमांक अब इस निवासी पर नहीं है; कोई इसे पहले ही हटा चुका है।"


class JudgedAlready(Refusal):
    """Somebody else judged the row meanwhile."""

    code = "row_judged_already"
    en = "Another officer has judged this row meanwhile. What was judged stands; here is the next one."
    hi = "इस बीच दूसरे अधिकारी ने इस पंक्ति पर निर्णय कर दिया। वही निर्णय रहेगा; अगली पंक्ति यह है।"


class ChooseOne(Refusal):
    """No answer was chosen."""

    code = "choose_who_it_is"
    field = "who"
    en = "Say who it is: one of the residents shown, nobody of them, or that a visit is needed."
    hi = "बताएँ कि यह कौन है: दिखाए गए निवासियों में से एक, इनमें से कोई नहीं, या जाकर देखना ज़रूरी है।"


class SayWhy(Refusal):
    """A finding needs a sentence."""

    code = "say_what_was_found"
    field = "note"
    en = "Write what you found out, and from whom."
    hi = "लिखें कि क्या पता चला, और किससे।"


class TooFewJudged(Refusal):
    """Identifiers are written to residents only when most of what waits for people is judged."""

    code = "too_few_judged"
    en = (
        "{judged} of {all} rows that need a person are judged ({share} %). The list can be tied to the residents from {needed} % on:"
        " judge {missing} more."
    )
    hi = (
        "जिन {all} पंक्तियों पर किसी को देखना है, उनमें से {judged} पर निर्णय हुआ है ({share} %)। सूची निवासियों से {needed} % के बाद ही जोड़ी जा"
        " सकती है: {missing} और पर निर्णय करें।"
    )


class NewerConverged(Refusal):
    """A later list of the department was tied already."""

    code = "newer_list_converged"
    en = "A later list of this department is tied to the residents already. Work on that one; this one can be put aside."
    hi = "इस विभाग की बाद की सूची निवासियों से जुड़ चुकी है। उसी पर काम करें; इसे अलग रखा जा सकता है।"


class OtherBeingTied(Refusal):
    """Another list of the department is being tied at this moment."""

    code = "other_list_being_tied"
    en = "Another list of this department is being tied to the residents right now. Wait until it is done, then tie this one."
    hi = "इस विभाग की दूसरी सूची अभी निवासियों से जोड़ी जा रही है। उसके पूरा होने पर इसे जोड़ें।"
