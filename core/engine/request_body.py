"""The JSON object a request brings, or one sentence about what is wrong with it."""

import json
from typing import Any

from starlette.requests import Request

from core.engine.gate import drain
from core.errors import InputError

HIGHEST_BODY_BYTES = 64 * 1024 * 1024


class BodyTooLarge(InputError):
    """A request beyond the size limit."""


async def read_body(request: Request) -> dict[str, Any]:
    """Read and parse the body.

    Raises:
        BodyTooLarge: it is larger than the limit.
        InputError: it is not UTF-8, not JSON or not an object.
    """
    content = _parse(await _read(request))
    if not isinstance(content, dict):
        raise InputError("The request is not a JSON object. Send one.")
    return content


async def _read(request: Request) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await request.receive()
        body += message.get("body", b"")
        more = message["type"] == "http.request" and message.get("more_body", False)
        if len(body) > HIGHEST_BODY_BYTES:
            body.clear()
            if more:
                await drain(request.receive)
            raise BodyTooLarge(
                f"The request is larger than {HIGHEST_BODY_BYTES // 2**20} MB. Send it in parts."
            )
    return bytes(body)


def _parse(body: bytes) -> Any:
    try:
        content = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(
            f"The request is not UTF-8 (byte {error.start} is {body[error.start]:#04x}). "
            "Send JSON in UTF-8."
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"The request is not JSON ({str(error)[:80]}). Send an object.") from error
    if b"\\ud" in body or b"\\uD" in body:
        _refuse_half_characters(content)
    return content


def _refuse_half_characters(content: Any) -> None:
    """A lone surrogate in an escape is JSON, but no text that could be encoded."""
    try:
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            "The request holds half a character (a lone surrogate escape). Send whole characters."
        ) from error
