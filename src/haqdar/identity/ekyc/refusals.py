"""Why a document is not accepted: one class for every bad day, each naming the field of the form it belongs to."""

from haqdar.base.refusal import Refusal


class EkycRefusal(Refusal):
    """A document that cannot be used; `field` is the input it came in by ("document" where the page has one for all)."""

    field = "document"


class NotAnOfflineFile(EkycRefusal):
    """Neither the ZIP nor the XML of offline eKYC."""

    code = "not_an_offline_file"
    en = (
        "This is not an offline eKYC file. Give the ZIP file just as it was downloaded from the Aadhaar site."
    )
    hi = "यह ऑफ़लाइन eKYC की फ़ाइल नहीं है। आधार की साइट से जो ZIP फ़ाइल मिली, वही ज्यों की त्यों दें।"


class NoFileChosen(EkycRefusal):
    """The form of the ZIP file was sent without one."""

    code = "no_ekyc_file"
    en = "Choose the ZIP file that was downloaded from the Aadhaar site."
    hi = "आधार की साइट से डाउनलोड की गई ZIP फ़ाइल चुनें।"


class NothingGiven(EkycRefusal):
    """The form of the QR code was sent without a picture and without digits."""

    code = "no_qr_given"
    en = "Choose a picture of the QR code, or paste its digits."
    hi = "QR कोड की फ़ोटो चुनें, या उसके अंक चिपकाएँ।"


class WrongShareCode(EkycRefusal):
    """The ZIP does not open with the share code."""

    code = "wrong_share_code"
    field = "share_code"
    en = "The share code does not open this file. Enter the code that was chosen when it was downloaded; capital and small letters count."
    hi = "इस शेयर कोड से फ़ाइल नहीं खुली। वही कोड लिखें जो फ़ाइल डाउनलोड करते समय चुना था; बड़े-छोटे अक्षरों का ध्यान रखें।"


class TooBig(EkycRefusal):
    """Larger than any such document."""

    code = "ekyc_too_big"
    en = "This file is too big for an eKYC document (at most {most} MB). Give the original file or a smaller picture."
    hi = "eKYC के दस्तावेज़ के लिए यह फ़ाइल बहुत बड़ी है (ज़्यादा से ज़्यादा {most} MB)। मूल फ़ाइल या छोटी फ़ोटो दें।"


class NoQr(EkycRefusal):
    """There is no QR code to be read in the picture."""

    code = "no_qr"
    en = "No QR code can be read in this picture. Take it straight from above, in good light, with the whole code in it."
    hi = "इस फ़ोटो में कोई QR कोड नहीं पढ़ा जा सका। अच्छी रोशनी में, ठीक ऊपर से, पूरा कोड दिखाते हुए फ़ोटो लें।"


class NotASecureQr(EkycRefusal):
    """Some other QR code, or digits with some missing."""

    code = "not_a_secure_qr"
    en = "This is not the secure QR code of an Aadhaar letter or card, or a part of it is missing. Old codes without a signature cannot be verified."
    hi = "यह आधार पत्र या कार्ड का सुरक्षित QR कोड नहीं है, या उसका कुछ हिस्सा छूट गया है। बिना हस्ताक्षर वाले पुराने कोड नहीं जाँचे जा सकते।"


class Tampered(EkycRefusal):
    """The signature does not belong to this content, or to none of the pinned certificates."""

    code = "ekyc_tampered"
    en = "The signature does not fit: the document was changed after it was signed, or somebody else signed it. Download it anew from the Aadhaar site."
    hi = "हस्ताक्षर मेल नहीं खाता: हस्ताक्षर के बाद दस्तावेज़ बदला गया है, या हस्ताक्षर किसी और का है। आधार की साइट से इसे नए सिरे से डाउनलोड करें।"


class NoTrustedSigner(EkycRefusal):
    """The configuration pins no certificate for this kind of document."""

    code = "no_trusted_signer"
    en = "This installation knows no certificate for such documents yet, so none can be verified. The administrator sets HAQDAR_EKYC_TRUST."
    hi = "इस स्थापना में ऐसे दस्तावेज़ों का कोई प्रमाणपत्र अभी दर्ज नहीं है, इसलिए जाँच नहीं हो सकती। प्रशासक HAQDAR_EKYC_TRUST दें।"


class SignerNotValidThen(EkycRefusal):
    """The signature fits a pinned certificate that did not hold on the day of signing."""

    code = "signer_not_valid_then"
    en = "The document of {day} was signed with a certificate that held from {first} to {last} only. Download a new document; if it is new, the administrator must enter the present certificate."
    hi = "{day} का यह दस्तावेज़ ऐसे प्रमाणपत्र से हस्ताक्षरित है जो केवल {first} से {last} तक मान्य था। नया दस्तावेज़ डाउनलोड करें; यदि वह नया ही है तो प्रशासक मौजूदा प्रमाणपत्र दर्ज करें।"


class TooOld(EkycRefusal):
    """Older than the law accepts."""

    code = "ekyc_too_old"
    en = "This document was made on {day}; it may be at most {most} days old. Download a new one."
    hi = "यह दस्तावेज़ {day} को बना था; यह ज़्यादा से ज़्यादा {most} दिन पुराना हो सकता है। नया डाउनलोड करें।"


class FromTheFuture(EkycRefusal):
    """Its time of making lies ahead."""

    code = "ekyc_from_the_future"
    en = "This document says that it was made on {day}, which has not come yet. It cannot be used."
    hi = "दस्तावेज़ के अनुसार वह {day} को बना, जो अभी आई नहीं। इसका उपयोग नहीं हो सकता।"


class Replayed(EkycRefusal):
    """The same document, or an older one of the same number, was used before."""

    code = "ekyc_replayed"
    en = "This document was used before, or a newer one was. Each verification needs a document made for it: download a new one."
    hi = "यह दस्तावेज़ पहले उपयोग हो चुका है, या इससे नया उपयोग हुआ है। हर सत्यापन के लिए नया दस्तावेज़ चाहिए: नया डाउनलोड करें।"


class AnotherNumber(EkycRefusal):
    """The document's last four digits are not those of the person's number."""

    code = "another_number"
    field = "number"
    en = "The document belongs to an Aadhaar number ending in {given}; for this person another number is recorded. Check whose document it is."
    hi = "दस्तावेज़ {given} पर ख़त्म होने वाले आधार नंबर का है; इस व्यक्ति का दर्ज नंबर दूसरा है। देखें कि दस्तावेज़ किसका है।"


class NumberNeeded(EkycRefusal):
    """The register has no number, and a document carries four digits only."""

    code = "number_needed"
    field = "number"
    en = "No Aadhaar number is recorded for this person. Enter the twelve digits, ending in {given}: without it the person cannot be verified only once."
    hi = "इस व्यक्ति का आधार नंबर दर्ज नहीं है। {given} पर ख़त्म होने वाले बारह अंक लिखें: इसके बिना यह पक्का नहीं होता कि व्यक्ति एक ही बार सत्यापित हो।"


class NotANumber(EkycRefusal):
    """Mistyped: the check digit is wrong."""

    code = "not_an_aadhaar_number"
    field = "number"
    en = "This is not an Aadhaar number: it has twelve digits and its last one checks the others. Compare it with the card."
    hi = "यह आधार नंबर नहीं है: उसमें बारह अंक होते हैं और आख़िरी अंक बाक़ी की जाँच करता है। कार्ड से मिलाएँ।"


class MobileDiffers(EkycRefusal):
    """The mobile number is not the one in the document."""

    code = "mobile_differs"
    field = "mobile"
    en = "This mobile number is not the one linked with the document. Enter the number linked with Aadhaar, or leave the field empty."
    hi = "यह मोबाइल नंबर दस्तावेज़ से जुड़ा हुआ नहीं है। आधार से जुड़ा नंबर लिखें, या जगह ख़ाली छोड़ें।"


class NotThisPerson(EkycRefusal):
    """Too little fits for the document to be this person's, or for a citizen to say so alone."""

    code = "not_this_person"
    en = "The document does not fit your record well enough to be confirmed here ({what}). Take it to your panchayat or town office; they compare it with you there."
    hi = "दस्तावेज़ आपके रिकॉर्ड से इतना मेल नहीं खाता कि यहीं पुष्टि हो सके ({what})। इसे अपनी पंचायत या नगर कार्यालय ले जाएँ; वहाँ आपके सामने मिलान होगा।"


class AnotherPerson(EkycRefusal):
    """Another name and another birth than the record's: nobody is verified against a record that says somebody else."""

    code = "ekyc_of_another_person"
    en = "This document gives another name and a birth more than {years} years away from this record, so it verifies nobody here. Look whose document it is. If it is this person's, have name and date of birth corrected first, with the papers that prove them, and then verify with the document."
    hi = "इस दस्तावेज़ में नाम दूसरा है और जन्म में {years} साल से ज़्यादा का अंतर है, इसलिए इससे यहाँ किसी का सत्यापन नहीं होगा। देखें कि दस्तावेज़ किसका है। यदि इसी व्यक्ति का है तो पहले प्रमाण के काग़ज़ों से नाम और जन्म तारीख ठीक कराएँ, फिर दस्तावेज़ से सत्यापन करें।"


class VerifiedElsewhere(EkycRefusal):
    """One living resident for one verified number."""

    code = "verified_elsewhere"
    en = "Another living resident is already verified with this Aadhaar number. Both records go to the office that compares duplicates; nothing was changed."
    hi = "इसी आधार नंबर से एक दूसरे जीवित निवासी का सत्यापन हो चुका है। दोनों रिकॉर्ड दोहराव जाँचने वाले कार्यालय को दिखेंगे; कुछ बदला नहीं गया।"


class NoConsent(EkycRefusal):
    """Nothing is read before the person has agreed."""

    code = "no_consent"
    field = "consent"
    en = "Nothing is read without consent. Read the notice to the person and tick the box when the person agrees."
    hi = "सहमति के बिना कुछ नहीं पढ़ा जाता। सूचना पढ़कर सुनाएँ और सहमति मिलने पर निशान लगाएँ।"


class Unavailable(EkycRefusal):
    """What was read is gone: the time is over, or it was finished in another window."""

    code = "ekyc_over"
    en = "What was read from the document has been deleted, because the time was over or the check was finished. Give the document again."
    hi = "दस्तावेज़ से पढ़ी गई जानकारी हटा दी गई है, क्योंकि समय पूरा हो गया या जाँच पूरी हो चुकी है। दस्तावेज़ फिर से दें।"


class DeadPerson(EkycRefusal):
    """Nobody is verified after death."""

    code = "ekyc_of_the_dead"
    en = "This person is recorded as dead. If that is wrong, take the death back first."
    hi = "यह व्यक्ति मृत दर्ज है। यदि यह गलत है तो पहले मृत्यु की प्रविष्टि वापस लें।"


class MergedRecord(EkycRefusal):
    """The number was merged into another: the person is verified under the one that stayed."""

    code = "ekyc_of_a_merged_record"
    en = "This member ID was merged into another one of the same person. Search for the person again and verify the record that stayed."
    hi = "यह सदस्य क्रमांक उसी व्यक्ति के दूसरे क्रमांक में मिला दिया गया है। व्यक्ति को फिर से खोजें और जो रिकॉर्ड बना रहा उसी का सत्यापन करें।"


class AnswerMissing(EkycRefusal):
    """A difference without an answer."""

    code = "ekyc_answer_missing"
    en = "Choose for every difference what is right."
    hi = "हर अंतर के लिए चुनें कि सही क्या है।"


class NotCompared(EkycRefusal):
    """An officer has not said that the photograph was compared with the person."""

    code = "not_compared"
    field = "seen"
    en = "Say that you compared the photograph with the person before you, or that a mobile check was passed."
    hi = "बताएँ कि आपने फ़ोटो को सामने मौजूद व्यक्ति से मिलाया, या मोबाइल की जाँच सफल रही।"
