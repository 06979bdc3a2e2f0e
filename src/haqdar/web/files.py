"""Giving out a file that somebody handed in: as data, never as a page of ours."""

from django.http import HttpResponse

CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def given_out(content: bytes, content_type: str, name: str) -> HttpResponse:
    """The file for one who may see it: not kept by any cache, not guessed at, unable to run or load anything.

    A PDF is downloaded, a picture shown.
    """
    response = HttpResponse(content, content_type=content_type)
    suffix, shown = ("jpg", "inline") if content_type == "image/jpeg" else ("pdf", "attachment")
    plain = "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in "-_"))
    response["Content-Disposition"] = f'{shown}; filename="{plain or "paper"}.{suffix}"'
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
