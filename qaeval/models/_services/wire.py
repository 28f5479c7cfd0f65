"""The connections to one service: a pool of our own, which sends each request once and not longer than a deadline.

Both SDKs send through it. Nothing of the environment but its proxies and its certificate bundle is used (no .netrc,
which would replace the key), and no proxy stands before this machine. Imports requests: import it inside functions.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.utils import get_environ_proxies

from qaeval.errors import ModelError, QaevalError, TransientError
from qaeval.hosts import host_of, is_loopback
from qaeval.models._services import deadlines
from qaeval.models._services.connections import Adapter
from qaeval.models._services.faults import shortened
from qaeval.naming import EMULATOR
from qaeval.redaction import redact

CONNECT_S = 10.0
READ_S = 150.0
"""Seconds without a byte after which an attempt is given up."""
TOTAL_S = 310.0
"""Seconds for a whole answer; the services themselves give up after 300."""
LEAST_POOL = 64


class Wire:
    """Sends over kept connections; ``rehearsal`` says whether the emulator's answers are what is wanted."""

    def __init__(self, concurrency: int, rehearsal: bool) -> None:
        self.rehearsal = rehearsal
        self._proxies: dict[str, dict[str, str]] = {}
        self._forms: dict[tuple[str, str], requests.PreparedRequest] = {}
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = Adapter(pool_maxsize=max(concurrency, LEAST_POOL))
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def send(self, method: str, url: str, *, stream: bool = False, **options: Any) -> requests.Response:
        """One request, one answer of any status. Redirects are not followed: they would take the key elsewhere.

        Raises `TransientError` when there is no answer, `ModelError` for an address or a certificate that is wrong and
        for an answer of the emulator that was not asked for.
        """
        options |= {"stream": stream, "timeout": (CONNECT_S, READ_S), "proxies": self._proxies_for(url)}
        with told(url):
            if isinstance(options.get("data"), bytes):
                response = self._sent(method, url, **options)
            else:
                response = self._session.request(method, url, allow_redirects=False, **options)
        if EMULATOR in response.headers and not self.rehearsal:
            response.close()
            raise ModelError(
                f"{host_of(url)}: these answers come from qaeval's emulator, which is no service; "
                "do: qaeval run ... --rehearse, or correct the address in your catalogue"
            )
        return response

    def _sent(
        self, method: str, url: str, data: bytes, headers: Mapping[str, str], **options: Any
    ) -> requests.Response:
        """What `requests.Session.request` does of what is needed here, in half of its time."""
        known = self._forms.get((method, url))
        if known is None:
            known = self._session.prepare_request(requests.Request(method, url))
            self._forms[method, url] = known
        request = known.copy()
        request.body = data
        for name, value in [*headers.items(), ("Content-Length", str(len(data)))]:
            request.headers[name] = value
        response = self._session.get_adapter(url).send(request, verify=self._session.verify, **options)
        if not options["stream"]:
            response.content  # noqa: B018 - read now, and the connection is free
        return response

    def _proxies_for(self, url: str) -> dict[str, str]:
        origin = url.rpartition("//")[0] + host_of(url)
        if origin not in self._proxies:
            self._proxies[origin] = {} if is_loopback(url) else dict(get_environ_proxies(url))
        return self._proxies[origin]


@contextlib.contextmanager
def deadline(url: str, seconds: float | None = None) -> Iterator[deadlines.Deadline]:
    """A bound on all that is sent and read inside, `TOTAL_S` where it is not given.

    Raises `TransientError` when it has passed, whatever came of it.
    """
    with deadlines.Deadline(TOTAL_S if seconds is None else seconds) as bound:
        try:
            yield bound
        except Exception:
            if not bound.passed:
                raise
    if bound.passed:
        raise TransientError(
            f"{host_of(url)}: the answer was not complete after {bound.seconds:g} s; another try may help"
        )


@contextlib.contextmanager
def told(url: str) -> Iterator[None]:
    """Errors of the connection, in our words. No error of requests comes through: the SDK would send anew."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise ModelError(
                f"{host_of(url)}: its certificate is not trusted; behind a proxy that reads along, name its "
                "certificates in REQUESTS_CA_BUNDLE"
            ) from None
        raise TransientError(_said(url, error)) from None
    except (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        requests.exceptions.MissingSchema,
    ) as error:
        raise ModelError(f"{redact(str(error))}; check base_url and endpoints in the catalogue") from None
    except requests.exceptions.InvalidJSONError as error:
        begins = shortened(str(getattr(error, "doc", ""))[:80])
        raise TransientError(f"{host_of(url)}: the answer is not JSON: {begins!r}; another try may help") from None
    except requests.exceptions.RequestException as error:
        raise TransientError(_said(url, error)) from None


def _said(url: str, error: BaseException) -> str:
    host = host_of(url)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"{host}: no connection within {CONNECT_S:g} s; another try may help"
    if isinstance(error, requests.exceptions.Timeout) or "timed out" in str(error):
        return f"{host}: no byte for {READ_S:g} s; another try may help"
    if isinstance(error, requests.exceptions.ProxyError):
        return f"{host}: the proxy of the environment failed: {_reason(error)}; see HTTPS_PROXY and NO_PROXY"
    return f"{host}: the connection failed: {_reason(error)}; another try may help"


def _reason(error: BaseException) -> str:
    """What the innermost error says: the outer ones say where in urllib3 it went through."""
    inner: Any = error
    for _ in range(10):
        inner = inner.__cause__ or inner.__context__ or next((a for a in inner.args if isinstance(a, Exception)), inner)
    if isinstance(inner, (ValueError, HTTPException)) and not isinstance(inner, ConnectionError):
        return "it was closed in the middle of the answer"
    text = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
    return redact(str(text))[:200]


def reading(response: requests.Response) -> Iterator[bytes]:
    """What comes of the body, undecoded, as it comes. Raises `TransientError` when it breaks off."""
    raw: Any = response.raw
    with told(response.url), _errors_of_urllib3():
        if raw.chunked:
            yield from raw.stream(65536, decode_content=False)
            return
        while chunk := raw.read1(65536, decode_content=False):
            yield chunk


@contextlib.contextmanager
def _errors_of_urllib3() -> Iterator[None]:
    import urllib3

    try:
        yield
    except QaevalError:
        raise
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise requests.exceptions.ConnectionError(error) from None
