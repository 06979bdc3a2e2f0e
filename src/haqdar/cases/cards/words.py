"""The words on a card, in both languages: it is read at counters where nobody switches a language."""

from __future__ import annotations

from haqdar.law import Text

RELATION_WORDS: dict[str, Text] = {
    "head": Text("Head", "मुखिया"),
    "self": Text("Head", "मुखिया"),
    "spouse": Text("Husband or wife", "पति या पत्नी"),
    "wife": Text("Wife", "पत्नी"),
    "husband": Text("Husband", "पति"),
    "son": Text("Son", "पुत्र"),
    "daughter": Text("Daughter", "पुत्री"),
    "mother": Text("Mother", "माता"),
    "father": Text("Father", "पिता"),
    "son_in_law": Text("Son-in-law", "दामाद"),
    "daughter_in_law": Text("Daughter-in-law", "बहू"),
    "grandson": Text("Grandson", "पोता या नाती"),
    "granddaughter": Text("Granddaughter", "पोती या नातिन"),
    "grandchild": Text("Grandchild", "पोता, पोती, नाती या नातिन"),
    "brother": Text("Brother", "भाई"),
    "sister": Text("Sister", "बहन"),
    "other": Text("Other relative", "अन्य संबंधी"),
}
SEX_WORDS: dict[str, Text] = {
    "M": Text("Male", "पुरुष"),
    "F": Text("Female", "महिला"),
    "T": Text("Transgender", "ट्रांसजेंडर"),
}
CATEGORY_WORDS: dict[str, Text] = {
    "GEN": Text("General", "सामान्य"),
    "OBC": Text("Other Backward Class", "अन्य पिछड़ा वर्ग"),
    "SC": Text("Scheduled Caste", "अनुसूचित जाति"),
    "ST": Text("Scheduled Tribe", "अनुसूचित जनजाति"),
}
KIND_WORDS: dict[str, Text] = {
    "gp": Text("Gram Panchayat", "ग्राम पंचायत"),
    "ward": Text("Ward", "वार्ड"),
    "ulb": Text("Urban body", "नगर निकाय"),
    "block": Text("Janpad", "जनपद"),
    "district": Text("District", "ज़िला"),
}
CARD_WORDS: dict[str, Text] = {
    "title": Text("Household card", "परिवार कार्ड"),
    "number": Text("Card number", "कार्ड नंबर"),
    "issued": Text("Issued on", "जारी"),
    "until": Text("Valid until", "तक मान्य"),
    "head": Text("Head of the family", "परिवार के मुखिया"),
    "address": Text("Address", "पता"),
    "category": Text("Social category", "सामाजिक वर्ग"),
    "bpl": Text("Below the poverty line", "गरीबी रेखा के नीचे (BPL)"),
    "member": Text("Name", "नाम"),
    "relation": Text("Relation", "संबंध"),
    "sex": Text("Sex", "लिंग"),
    "born": Text("Born", "जन्म वर्ष"),
    "ending": Text("ID ends in", "ID के अंत में"),
    "held": Text("Schemes held", "मिल रही योजनाएँ"),
    "entitled": Text("Entitled by law, not yet sanctioned", "पात्र हैं, मंज़ूरी बाक़ी"),
    "month": Text("a month", "प्रति माह"),
    "none": Text("None", "कोई नहीं"),
    "check": Text("Check this card without network", "बिना नेटवर्क जाँचें"),
    "signed": Text("Signed digitally", "डिजिटल हस्ताक्षर"),
    "help": Text(
        "Says what the registers knew on the day of issue. Something wrong or lost? Panchayat or town office, or call 181, free.",
        "जारी होने के दिन रजिस्टर में जो था, वही लिखा है। ग़लती या कार्ड खोने पर: पंचायत या नगर कार्यालय, या 181 (मुफ़्त)।",
    ),
    "sheet": Text("Household cards", "परिवार कार्ड"),
}
