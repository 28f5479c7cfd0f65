"""Fetches a file over http(s), bounded in time and size."""

from __future__ import annotations

import functools
import http.client
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from qaeval.errors import AudioError
from qaeval.hosts import is_loopback

MAX_BYTES = 100_000_000
SILENCE_S = 20.0
"""Seconds without a byte after which a fetch is given up."""
DEADLINE_S = 300.0
"""Seconds after which a fetch is given up, however steadily it drips."""


def download(url: str, name: str) -> bytes:
    """The bytes behind an http(s) URL; redirects are followed to http(s) only.

    Raises `AudioError` naming the clip when the server cannot be reached, answers with an error or too late, sends
    more than `MAX_BYTES`, or less than it announced. Proxies of the environment are used, but never for loopback.
    """
    try:
        with _opener().open(_request(url), timeout=SILENCE_S) as response:
            return _body(response, name)
    except urllib.error.HTTPError as error:
        error.close()
        reason = f"the server answered {error.code} {error.reason}"
    except urllib.error.URLError as error:
        reason = str(error.reason)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = str(error) or type(error).__name__
    raise AudioError(f"{name}: cannot be fetched: {reason}; check the address, or download the file and name its path")


def _body(response: Any, name: str) -> bytes:
    announced = response.headers.get("Content-Length", "")
    ends = time.monotonic() + DEADLINE_S
    body = bytearray()
    while chunk := response.read1(1 << 16):
        body += chunk
        if len(body) > MAX_BYTES:
            raise AudioError(
                f"{name}: is larger than {MAX_BYTES:,} bytes, the most that is fetched from a URL; "
                "download the file and name its path"
            )
        if time.monotonic() > ends:
            raise TimeoutError(f"not complete after {DEADLINE_S:g} s ({len(body):,} bytes had come)")
    if announced.isdecimal() and int(announced) != len(body):
        raise ConnectionError(f"the server announced {int(announced):,} bytes and sent {len(body):,}")
    return bytes(body)


def _request(url: str) -> urllib.request.Request:
    parts = urllib.parse.urlsplit(url)
    safe = "%/:?#[]@!$&'()*+,;=~"
    encoded = parts._replace(
        path=urllib.parse.quote(parts.path, safe), query=urllib.parse.quote(parts.query, safe), fragment=""
    )
    return urllib.request.Request(encoded.geturl(), headers={"User-Agent": "qaeval"})


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()  # build_opener would add ftp:, file: and data:
    for handler in (
        _Proxies(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=_certificates()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


@functools.cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()  # loading them costs tens of milliseconds


class _Proxies(urllib.request.ProxyHandler):
    def proxy_open(self, req: urllib.request.Request, proxy: str, type: str) -> Any:
        if is_loopback(req.full_url):
            return None
        return super().proxy_open(req, proxy, type)
