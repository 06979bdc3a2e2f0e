"""The authority's own service for the tests: a real HTTP server in a process of its own, its half of the protocol written from its side.

It checks what it is sent as the real one would (signature, sealed PID and its digest, licence) and can be told to misbehave by
the code that is sent: see `CODES`.

    python ekyc_peer.py FOLDER     reads client.pem there, writes peer.pem (encryption) and signer.pem (answers), prints its port
"""

import base64
import hashlib
import os
import sys
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from signxml import XMLVerifier

from haqdar.identity.ekyc import samples

LICENCE, AGENCY, NUMBER = "licence-1", "HAQDAR", "234123412346"
CODES = {
    "123456": "good",
    "111111": "unsigned",
    "222222": "other",
    "333333": "refused",
    "444444": "broken",
    "555555": "slow",
}
INDIA = timezone(timedelta(hours=5, minutes=30))
SEALING, SIGNING, STRANGER = samples.Authority.new(), samples.Authority.new(), samples.Authority.new()
OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


def now() -> str:
    return datetime.now(INDIA).strftime("%Y-%m-%dT%H:%M:%S")


class Handler(BaseHTTPRequestHandler):
    """POST /otp/2.5/AC/d/d/LK and /kyc/…"""

    client: x509.Certificate

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        service, version, agency, one, two, licence = self.path.strip("/").split("/")
        assert (version, agency, licence, one + two) == ("2.5", AGENCY, LICENCE, NUMBER[:2]), self.path
        answer = self.otp(body) if service == "otp" else self.kyc(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def verified(self, body: bytes) -> Any:
        return XMLVerifier().verify(body, x509_cert=self.client).signed_xml  # type: ignore[union-attr]

    def otp(self, body: bytes) -> bytes:
        asked = self.verified(body)
        known = asked.get("uid") == NUMBER and asked.find("{*}Opts").get("ch") == "01"
        said = {"ret": "y" if known else "n", "code": "c", "txn": asked.get("txn"), "ts": now()}
        return etree.tostring(etree.Element("OtpRes", said if known else {**said, "err": "998"}))

    def kyc(self, body: bytes) -> bytes:
        auth = self.verified(base64.b64decode(etree.fromstring(body).findtext("{*}Rad")))
        part = {one: base64.b64decode(auth.findtext(f"{{*}}{one}")) for one in ("Skey", "Data", "Hmac")}
        key = SEALING.key.decrypt(part["Skey"], padding.PKCS1v15())
        assert auth.find("{*}Skey").get("ci") == f"{SEALING.certificate.not_valid_after_utc:%Y%m%d}"
        time = part["Data"][:19]
        pid = AESGCM(key).decrypt(time[-12:], part["Data"][19:], time[-16:])
        assert AESGCM(key).decrypt(time[-12:], part["Hmac"], time[-16:]) == hashlib.sha256(pid).digest()
        read = etree.fromstring(pid)
        assert read.get("ts") == time.decode() and auth.find("{*}Uses").get("otp") == "y"
        what = CODES.get(read.find("Pv").get("otp"), "wrong")
        if what == "slow":
            threading.Event().wait(3)
        txn = auth.get("txn") if what != "other" else "another"
        said = {"wrong": "400", "refused": "K-514"}.get(what, "")
        if said:
            return etree.tostring(etree.Element("Resp", status="-1", ret="N", err=said, txn=txn))
        root = etree.Element("KycRes", ret="Y", code="c", txn=txn, ts=now(), ttl=now())
        etree.SubElement(root, "Rar").text = "PEF1dGhSZXMvPg=="
        subject = samples.Subject(
            NUMBER, "Sita Bai Malviya", "05-03-1970", "F", address={"vtc": "Amla Kheda"}
        )
        root.append(samples.uid_data(subject))
        content = (STRANGER if what == "unsigned" else SIGNING).signed(root)
        session, nonce = os.urandom(32), os.urandom(12)
        sealed = self.client.public_key().encrypt(session, OAEP) + nonce  # type: ignore[union-attr,call-arg]
        sealed += AESGCM(session).encrypt(nonce, content, None)
        answer = etree.Element("Resp", status="0", ret="Y", txn=txn)
        answer.text = base64.b64encode(sealed[:-1] if what == "broken" else sealed).decode()
        return etree.tostring(answer)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def main(folder: Path) -> None:
    Handler.client = x509.load_pem_x509_certificate((folder / "client.pem").read_bytes())
    for name, who in (("peer", SEALING), ("signer", SIGNING)):
        (folder / f"{name}.pem").write_bytes(who.certificate.public_bytes(serialization.Encoding.PEM))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    # the parent's end of our standard input closes when it is gone
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
