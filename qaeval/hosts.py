"""What a URL leads to: its host, and whether that is this very machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """The host of a URL, ``""`` when it has none.

    >>> host_of("https://dashscope.aliyuncs.com/api/v1")
    'dashscope.aliyuncs.com'
    """
    return urlsplit(url).hostname or ""


def is_web(url: str) -> bool:
    """Whether it is an http(s) address of a host, without credentials: they would go out in the place of the key.

    >>> is_web("https://example.com/v1"), is_web("example.com/v1"), is_web("https://eve:password@example.com")
    (True, False, False)
    """
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this very machine.

    >>> is_loopback("http://127.0.0.1:8000/v1"), is_loopback("http://[::1]/"), is_loopback("https://example.com")
    (True, True, False)
    """
    return is_loopback_host(host_of(url))


def is_loopback_host(host: str) -> bool:
    """Whether a host name or address is this very machine.

    >>> is_loopback_host("127.0.0.1"), is_loopback_host("localhost"), is_loopback_host("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
