"""The words of eKYC."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EKYC_LABELS: dict[str, dict[str, str | Promise]] = {
    "ekyc_way": {
        "offline_xml": _("The offline eKYC file (ZIP)"),
        "secure_qr": _("The QR code on the Aadhaar letter or card"),
        "online": _("A code to the mobile linked with Aadhaar"),
    },
    "ekyc_way_hint": {
        "offline_xml": _("Downloaded from the Aadhaar site, locked with a share code."),
        "secure_qr": _("By camera, as a picture, or as digits from a scanner."),
        "online": _("The authority asks the person itself and answers at once."),
    },
    "ekyc_method": {
        "offline_xml": _("offline eKYC file"),
        "secure_qr": _("secure QR code"),
        "online": _("online, by the authority"),
    },
    "ekyc_how": {
        "photo": _("an officer compared the photograph with the person"),
        "mobile": _("the mobile number linked with it was proven"),
        "authority": _("the authority asked the person itself"),
    },
    "ekyc_field": {
        "name": _("Name"),
        "born_on": _("Date of birth"),
        "sex": _("Sex"),
        "number": _("Aadhaar, last digits"),
        "address": _("Address"),
    },
    "ekyc_verdict": {
        "same": _("the same"),
        "alike": _("written otherwise"),
        "other": _("different"),
        "missing": _("not recorded"),
    },
}
