"""eKYC: a signed document about a person is read, its signature verified, compared with the register and confirmed.

`offline_xml` and `secure_qr` read and verify (pure: bytes in, `Document` out), `trust` holds the pinned certificates, `comparing`
sets a document beside the register, `verifying` keeps what was confirmed, `online` asks the authority itself where that is set up.
"""
