"""What the codes of seeding are called, in both languages: in files that leave the platform and on pages."""

from haqdar.base.refusal import Words

FIELD_WORDS: dict[str, Words] = {
    "domain_id": Words("The department's number", "विभाग का क्रमांक"),
    "name": Words("Name", "नाम"),
    "name_hi": Words("Name in Hindi", "हिंदी में नाम"),
    "relation_name": Words("Father's or husband's name", "पिता या पति का नाम"),
    "father_name": Words("Father's name", "पिता का नाम"),
    "husband_name": Words("Husband's name", "पति का नाम"),
    "sex": Words("Sex", "लिंग"),
    "born_on": Words("Date of birth", "जन्म तिथि"),
    "age": Words("Age in years", "आयु (वर्ष)"),
    "mobile": Words("Mobile", "मोबाइल"),
    "aadhaar": Words("Aadhaar", "आधार"),
    "member_id": Words("Samagra member ID", "समग्र सदस्य आईडी"),
    "family_id": Words("Samagra family ID", "समग्र परिवार आईडी"),
    "village": Words("Village, panchayat or ward", "गाँव, पंचायत या वार्ड"),
    "area_code": Words("Area code", "क्षेत्र कोड"),
    "district": Words("District, name or code", "ज़िला, नाम या कोड"),
    "pin": Words("PIN code", "पिन कोड"),
    "amount": Words("Amount a month, rupees", "महीने की राशि, रुपये"),
}

BAND_WORDS: dict[str, Words] = {
    "known": Words("known already", "पहले से पता"),
    "automatic": Words("found", "मिल गया"),
    "review": Words("a person must look", "किसी को देखना है"),
    "rejected": Words("not found", "नहीं मिला"),
    "aside": Words("put aside", "अलग रखी"),
    "verified": Words("found, judged by an officer", "मिल गया, अधिकारी ने देखा"),
    "visit": Words("a visit is needed", "जाकर देखना है"),
}

REASON_WORDS: dict[str, Words] = {
    "unchanged": Words("tied before, and the row is unchanged", "पहले से जुड़ा है, और पंक्ति वही है"),
    "judged": Words("an officer judged the same row before", "यही पंक्ति अधिकारी पहले देख चुके हैं"),
    "member_id": Words("the Samagra member ID and the name agree", "समग्र सदस्य आईडी और नाम मिलते हैं"),
    "aadhaar": Words("the Aadhaar number and the name agree", "आधार संख्या और नाम मिलते हैं"),
    "family_id": Words(
        "the Samagra family ID, given name, sex and age agree", "समग्र परिवार आईडी, नाम, लिंग और आयु मिलते हैं"
    ),
    "likeness": Words(
        "what both say agrees, and nobody else comes near", "दोनों की बातें मिलती हैं, और कोई दूसरा पास नहीं है"
    ),
    "unsure": Words("much agrees, but not enough", "काफ़ी कुछ मिलता है, पर पूरा नहीं"),
    "rival": Words("several residents are nearly as likely", "कई निवासी लगभग बराबर मिलते हैं"),
    "taken": Words(
        "another row of the list fits this resident better", "सूची की दूसरी पंक्ति इस निवासी से बेहतर मिलती है"
    ),
    "tied_already": Words(
        "another number of the department is tied to this resident already",
        "इस निवासी से विभाग का दूसरा क्रमांक पहले से जुड़ा है",
    ),
    "number_other_name": Words("a number agrees, but the name is another", "संख्या मिलती है, पर नाम दूसरा है"),
    "numbers_disagree": Words(
        "the numbers of the row lead to different residents", "पंक्ति की संख्याएँ अलग-अलग निवासियों की हैं"
    ),
    "changed_person": Words("the number was tied to somebody else before", "यह क्रमांक पहले किसी और से जुड़ा था"),
    "untied": Words(
        "an officer took the number off this resident before", "अधिकारी यह क्रमांक इस निवासी से पहले हटा चुके हैं"
    ),
    "somebody_new": Words(
        "an officer found nobody before; now there is somebody who was not shown then",
        "पहले अधिकारी को कोई नहीं मिला था; अब कोई है जो तब नहीं दिखा था",
    ),
    "lives_elsewhere": Words(
        "a number and the name are those of somebody who lives outside the list's area",
        "संख्या और नाम ऐसे व्यक्ति के हैं जो सूची के क्षेत्र से बाहर रहते हैं",
    ),
    "nobody": Words("nobody in the register resembles the row", "रजिस्टर में इससे मिलता कोई नहीं है"),
    "name_alone": Words(
        "the row says little more than a name; a name alone never decides",
        "पंक्ति में नाम के सिवा बहुत कम है; केवल नाम से कभी तय नहीं होता",
    ),
    "judged_nobody": Words(
        "an officer judged that it is none of the residents", "अधिकारी ने देखा कि यह इनमें से कोई नहीं है"
    ),
    "repeat": Words("the same row stands further up", "यही पंक्ति ऊपर भी है"),
    "id_twice": Words("the number stands further up with another row", "यही क्रमांक ऊपर दूसरी पंक्ति में है"),
    "same_aadhaar": Words(
        "the same Aadhaar number stands further up under another number",
        "यही आधार संख्या ऊपर दूसरे क्रमांक पर है",
    ),
    "same_person": Words(
        "the same person stands further up under another number", "यही व्यक्ति ऊपर दूसरे क्रमांक पर है"
    ),
    "shifted": Words("the cells are shifted sideways", "खाने बगल में खिसके हैं"),
    "wrong_width": Words("more or fewer cells than the header", "शीर्ष से कम या ज़्यादा खाने"),
    "no_domain_id": Words("without the department's number", "विभाग का क्रमांक नहीं है"),
    "no_name": Words("without a name", "नाम नहीं है"),
}
"""Why a row is where it is."""

PROBLEM_WORDS: dict[str, Words] = {
    "unreadable": Words("cannot be read as this", "इस रूप में पढ़ा नहीं जा सका"),
    "missing": Words("missing", "खाली है"),
    "shared": Words("the same number stands with somebody else", "यही संख्या किसी और के साथ भी लिखी है"),
    "in_future": Words("lies in the future", "आगे की तारीख है"),
    "too_old": Words("more than 120 years ago", "120 साल से भी पहले की"),
    "first_january": Words("1 January: counts as the year alone", "1 जनवरी: केवल साल माना गया"),
    "bad_letters": Words("letters that are no UTF-8", "ऐसे अक्षर जो UTF-8 नहीं हैं"),
}

FINDING_WORDS: dict[str, Words] = {
    "not_found": Words("not found in the register", "रजिस्टर में नहीं मिला"),
    "dead": Words("dead by the register", "रजिस्टर के अनुसार मृत"),
    "moved_out": Words("moved away by the register", "रजिस्टर के अनुसार बाहर गए"),
    "lives_elsewhere": Words("lives outside the list's area", "सूची के क्षेत्र से बाहर रहते हैं"),
    "listed_twice": Words("listed twice", "दो बार सूची में"),
}
FINDING_STATE_WORDS: dict[str, Words] = {
    "open": Words("to be examined", "जाँचना है"),
    "in_order": Words("in order", "ठीक है"),
    "corrected": Words("the department corrected its list", "विभाग ने सूची सुधारी"),
    "passed_on": Words("the department examines it", "विभाग जाँच रहा है"),
    "settled": Words("no longer so in a later list", "बाद की सूची में अब ऐसा नहीं"),
}
ROW_STATE_WORDS: dict[str, Words] = {
    "open": Words("waits", "बाकी"),
    "same": Words("same person", "वही व्यक्ति"),
    "nobody": Words("none of them", "इनमें से कोई नहीं"),
    "visit": Words("a visit is needed", "जाकर देखना है"),
}
STATE_WORDS: dict[str, Words] = {
    "received": Words("say which column is what", "स्तंभ बताने हैं"),
    "queued": Words("waits for its turn", "बारी का इंतज़ार"),
    "running": Words("being compared", "मिलान चल रहा है"),
    "refused": Words("refused", "लौटाई गई"),
    "failed": Words("interrupted", "बीच में रुकी"),
    "review": Words("compared", "मिलान हो गया"),
    "tying": Words("being tied to the residents", "निवासियों से जोड़ी जा रही है"),
    "converged": Words("tied to the residents", "निवासियों से जुड़ी"),
    "discarded": Words("put aside", "अलग रखी"),
}
DOUBT_WORDS: dict[str, Words] = {
    "unknown_values": Words(
        "In the column “{column}”, said to be “{field}”, {share} % of the cells hold what nobody and nothing in the area is called.",
        "स्तंभ “{column}” को “{field}” बताया गया, पर उसके {share} % खानों में ऐसा नाम है जो इस क्षेत्र में किसी का नहीं है।",
    ),
    "mens_names": Words(
        "{share} % of the women have a man's name in the column “{column}”; it may be the father's or husband's.",
        "{share} % महिलाओं के लिए स्तंभ “{column}” में पुरुष का नाम है; वह पिता या पति का हो सकता है।",
    ),
    "womens_names": Words(
        "{share} % of the men have a woman's name in the column “{column}”.",
        "{share} % पुरुषों के लिए स्तंभ “{column}” में महिला का नाम है।",
    ),
    "few_found": Words(
        "Only {share} % of the rows are found in the register; about {usual} % are usual.",
        "केवल {share} % पंक्तियाँ रजिस्टर में मिलीं; आमतौर पर लगभग {usual} % मिलती हैं।",
    ),
}
"""Why a list waits for somebody to confirm its columns."""
STEP_WORDS: dict[str, Words] = {
    "read": Words("reading the file", "फ़ाइल पढ़ना"),
    "cleanse": Words("looking at every cell", "हर खाने की जाँच"),
    "duplicates": Words("finding who is listed twice", "दो बार लिखे लोग ढूँढना"),
    "register": Words("reading the register", "रजिस्टर पढ़ना"),
    "match": Words("comparing with the residents", "निवासियों से मिलान"),
    "store": Words("writing down the results", "नतीजे लिखना"),
}
STEPS = tuple(STEP_WORDS)
HOW_WORDS: dict[str, Words] = {
    "member_id": Words("by member ID", "सदस्य आईडी से"),
    "aadhaar": Words("by Aadhaar", "आधार से"),
    "family_id": Words("by family ID and name", "परिवार आईडी और नाम से"),
    "likeness": Words("by likeness", "मिलान से"),
    "person": Words("by an officer", "अधिकारी ने"),
}
