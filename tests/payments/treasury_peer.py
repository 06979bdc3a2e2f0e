"""A treasury for the tests: a real HTTP server in a process of its own, which can be told to fail in every way a treasury fails.

It knows nothing of the platform: its half of the envelope is written here, from the treasury's side. It keeps what it was sent, so
that a test can see what was ordered, and it is driven by plain JSON at /drive.

    python treasury_peer.py KEY_FILE     writes its public key there, prints its port
"""

import base64
import json
import os
import socket
import struct
import sys
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

CLIENT, SECRET = "haqdar", "between us"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def encrypted(key: bytes, plain: bytes) -> str:
    gap = 16 - len(plain) % 16
    engine = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return base64.b64encode(engine.update(plain + bytes([gap]) * gap) + engine.finalize()).decode()


def decrypted(key: bytes, text: str) -> bytes:
    engine = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    padded = engine.update(base64.b64decode(text)) + engine.finalize()
    return padded[: -padded[-1]]


class Book:
    """What the treasury knows. Bills step forward when the test says so, unless `swift`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.begin()

    def begin(self) -> None:
        self.sessions: dict[str, bytes] = {}
        self.logins = 0
        self.faults: dict[str, deque[str]] = {}
        self.bills: dict[str, dict[str, Any]] = {}
        self.corrections: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.balance = 10_000_000
        self.day = "2016-10-03"
        self.bad_ifsc: list[str] = []
        self.complaint = ""

    # -- what a test does to it

    def drive(self, do: dict[str, Any]) -> Any:
        with self.lock:
            what = do["do"]
            if what == "begin":
                self.begin()
            elif what == "fault":
                self.faults.setdefault(do["service"], deque()).extend(do["kinds"])
            elif what == "set":
                for name, value in do["values"].items():
                    setattr(self, name, value)
            elif what == "end_sessions":
                self.sessions.clear()
            elif what == "bill":
                self.bills[do["number"]].update(do["values"])
            elif what == "every_bill":
                for bill in self.bills.values():
                    bill.update(do["values"])
            elif what == "correction":
                self.corrections[do["number"]].update(do["values"])
            return {
                "bills": self.bills,
                "corrections": self.corrections,
                "asked": self.asked,
                "logins": self.logins,
            }

    # -- what it answers

    def answer(self, service: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"serviceId": service, "errorMsg": None, "data": getattr(self, service)(params)}
        except Refused as no:
            # some services say one sentence, others a list with numbers
            if service in ("PI", "COR"):
                errors = [{"errorCode": "340", "errorMsg": text} for text in no.args]
                return {"serviceId": service, "errorMsgs": errors, "data": []}
            return {"serviceId": service, "errorMsg": no.args[0], "data": []}

    def VA(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        if self.balance == 0:
            return []
        return [
            {
                "ddoCode": asked["ddoCode"],
                "schemeCode": "13145",
                "allotmentDate": "2016-04-02",
                "allotmentTxnSlNo": str(serial),
                "allotmentAmount": "100",
                "availableBalance": str(self.balance),
                "allotmentTxnType": kind,
                "mstAllotmentDistId": "920",
                "ssuAllotmentId": str(860 + serial),
            }
            for serial, kind in enumerate(("Initial Allotment", "Additional allotment"))
        ]

    def PI(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        number = asked["jitBillNo"]
        if number in self.bills:
            raise Refused("Duplicate Payment Information Id")
        if self.complaint:
            raise Refused(self.complaint)
        payees = asked["beneficiaryDetails"]
        wrong = [p["benefId"] for p in payees if p["benfBankIfscCode"] in self.bad_ifsc]
        if wrong:
            raise Refused(*(f"Wrong IFSC provided in Beneficiary Details for BenefId {one}" for one in wrong))
        if int(asked["billNumberOfBenf"]) != len(payees):
            raise Refused("Number of beneficiaries provided in header does not match with the details")
        if float(asked["billNetAmount"]) != sum(float(p["benfAmount"]) for p in payees):
            raise Refused("The total net amount does not match with total of all the beneficiaries")
        if asked["mstAllotmentDistId"] != "920" or asked["allotmentTxnSlNo"] != "1":
            raise Refused("Allotment is not the latest")
        serial = len(self.bills) + 1
        self.bills[number] = {
            "pi": asked,
            "serial": serial,
            "step": 0,
            "rejected": False,
            "failed": {},
            "net": asked["billNetAmount"],
        }
        return [{"jitBillNo": number, "jitBillDate": asked["jitBillDate"][:10], "ssuIaId": asked["ssuIaId"], "successCode": "0",
                 "sucessDescrp": "Jit Bill is received successfully"}]  # fmt: skip

    def PIS(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        bill = self.bills[asked["jitBillNo"]]
        if bill["rejected"]:
            raise Refused(f"The bill {asked['jitBillNo']} is rejected by SSU: certificate is missing")
        if bill["step"] < 1:
            return []
        return [{"pmtInstId": f"8{bill['serial']:03d}", "payInstDate": f"{self.day} 16:03:04", "jitBillNumber": asked["jitBillNo"],
                 "billNetAmount": bill["net"], "billGrossAmount": bill["net"],
                 "totalNumberOfBeneficiary": bill["pi"]["billNumberOfBenf"]}]  # fmt: skip

    def PAG(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        bill = self.bills[asked["billNo"]]
        assert asked["pmtInstId"] == f"8{bill['serial']:03d}"
        if bill["step"] < 2:
            return []
        return [{"billNo": asked["billNo"], "ssuIaId": asked["ssuIaId"], "finYear": "2016", "adviceId": str(bill["serial"]),
                 "adviceDate": self.day, "onlineBillRefNo": f"2016{bill['serial']:06d}", "tokenNumber": f"T{bill['serial']}",
                 "tokenDate": self.day, "benfList": [{"benfName": p["benefName"], "amount": p["benfAmount"], "benefId": p["benefId"]}
                                                     for p in bill["pi"]["beneficiaryDetails"]]}]  # fmt: skip

    def PD(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        number, bill = next(
            (number, bill)
            for number, bill in self.bills.items()
            if f"2016{bill['serial']:06d}" == asked["billRefNo"]
            and f"T{bill['serial']}" == asked["tokenNumber"]
        )
        if bill["step"] < 3:
            return []
        only = bill.get("paid_only")
        return [{"billNumber": number, "voucherNo": f"V{bill['serial']}", "voucherDate": bill.get("voucher_on", self.day),
                 "billRefNo": asked["billRefNo"], "paymentStatus": "Paid by RBI eKuber", "tokenNumber": asked["tokenNumber"],
                 "benfDtls": [self._paid(p) for p in bill["pi"]["beneficiaryDetails"]
                              if p["benefId"] not in bill["failed"] and (only is None or p["benefId"] in only)]
                             + bill.get("strangers", [])}]  # fmt: skip

    def FD(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        assert asked["finYear"] == "2016"
        return [
            {"billNumber": number, "voucherNo": f"V{bill['serial']}", "voucherDate": asked["voucherDate"],
             "benfDtls": [self._failed(one, reason) for one, reason in bill["failed"].items()]}
            for number, bill in self.bills.items()
            if bill["failed"] and bill["step"] >= 3 and bill.get("voucher_on", self.day) == asked["voucherDate"]
        ]  # fmt: skip

    def COR(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        number = asked["jitCorBillNo"]
        if number in self.corrections:
            raise Refused("Duplicate Payment Information Id")
        if self.complaint:
            raise Refused(self.complaint)
        original = self.bills[asked["jitOrgBillNo"]]
        assert asked["jitOrgBillRefNo"] == f"2016{original['serial']:06d}"
        known = {p["benefId"]: p for p in original["pi"]["beneficiaryDetails"]}
        for one in asked["beneficiaryDtls"]:
            first = known[one["benefId"]]
            if (first["benfAcctNo"], first["benfBankIfscCode"]) != (one["orgAccountNo"], one["orgIfsc"]):
                raise Refused(
                    f"The beneficiary {one['benefId']} was not present in the original payment instruction"
                )
            if one["correctedIfsc"] in self.bad_ifsc:
                raise Refused(f"Wrong IFSC provided in Beneficiary Details for BenefId {one['benefId']}")
        self.corrections[number] = {"cor": asked, "step": 0, "failed": {}}
        return [{"jitCorBillNo": number, "jitCorBillDate": asked["jitCorBillDate"], "successCode": "0", "sucessDescrp": "received"}]  # fmt: skip

    def FTPS(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        one = self.corrections[asked["jitCorBillNo"]]
        if one["step"] < 1:
            return []
        return [{"jitCorBillNo": asked["jitCorBillNo"], "voucherNo": "V9", "voucherDate": self.day, "billRefNo": "2016900001",
                 "tokenNumber": "T9", "tokenDate": self.day, "paymentStatus": "Paid by RBI eKuber",
                 "benfDtls": [self._paid(p) for p in one["cor"]["beneficiaryDtls"] if p["benefId"] not in one["failed"]]}]  # fmt: skip

    def FTFPS(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        one = self.corrections[asked["jitCorBillNo"]]
        assert (asked["billRefNo"], asked["tokenNumber"]) == ("2016900001", "T9")
        return [{"jitCorBillNo": asked["jitCorBillNo"],
                 "benfDtls": [self._failed(who, why) for who, why in one["failed"].items()]}]  # fmt: skip

    def _paid(self, payee: dict[str, Any]) -> dict[str, str]:
        return {
            "benfAcctNo": "0",
            "utrNo": "RBI504",
            "utrDate": self.day,
            "endToEndId": "EP1",
            "benefId": payee["benefId"],
        }

    def _failed(self, who: str, why: str) -> dict[str, str]:
        return {"benfAcctNo": "300000000001", "utrNo": "RBI505", "utrDate": self.day, "challanNumber": "86581",
                "challanDate": self.day, "failedReason": why, "benefId": who}  # fmt: skip


class Refused(Exception):
    pass


BOOK = Book()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/drive":
            self._send(200, json.dumps(BOOK.drive(body)).encode())
        elif self.path == "/authenticate":
            self._log_in(body)
        else:
            self._ask(body)

    def _log_in(self, body: dict[str, str]) -> None:
        if (self.headers["clientId"], self.headers["clientSecret"]) != (CLIENT, SECRET):
            self._send(401, b"{}")
            return
        oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
        first = PRIVATE.decrypt(base64.b64decode(body["appKey"]), oaep)
        token, key = base64.b64encode(os.urandom(12)).decode(), os.urandom(32)
        with BOOK.lock:
            BOOK.sessions[token] = key
            BOOK.logins += 1
        self._send(200, json.dumps({"authToken": token, "sek": encrypted(first, key)}).encode())

    def _ask(self, body: dict[str, str]) -> None:
        with BOOK.lock:
            key = BOOK.sessions.get(self.headers["authToken"])
        if key is None:
            self._send(500, b"No valid session encryption key")
            return
        own = decrypted(key, body["rek"])
        asked = json.loads(decrypted(key, body["params"]))
        service = asked["serviceId"]
        with BOOK.lock:
            BOOK.asked.append(service)
            waiting = BOOK.faults.get(service)
            fault = waiting.popleft() if waiting else ""
        if fault == "500":
            self._send(500, b"Internal Server Error")
        elif fault == "away":
            self._reset()
        elif fault == "garbage":
            self._send(200, b"<html>under maintenance</html>")
        elif fault == "other_key":
            self._send(200, encrypted(os.urandom(32), b"{}").encode())
        else:
            with BOOK.lock:
                said = BOOK.answer(service, asked["params"])
            if fault == "lost":
                # it was carried out, and the answer never arrived
                self._reset()
            elif fault == "slow":
                # longer than the client waits; carried out all the same
                threading.Event().wait(1.5)
                self._send(200, encrypted(own, json.dumps(said).encode()).encode())
            else:
                self._send(200, encrypted(own, json.dumps(said).encode()).encode())

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _send(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def main(key_file: str) -> None:
    Path(key_file).write_bytes(
        PRIVATE.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    # the parent's end of our standard input closes when it is gone
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
