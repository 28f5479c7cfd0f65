"""The connections to a service: one request each, kept, bounded in time, and through no wrong proxy."""

import ipaddress
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from scripted import (
    ANSWERS,
    DROP,
    KEY,
    MODELS,
    NATIVE,
    SSE,
    Answer,
    Scripted,
    model_at,
    native_error,
    question,
)

from qaeval import models
from qaeval.errors import ModelError, TransientError
from qaeval.models._services import wire
from qaeval.models.catalogue import read_catalogue

pytestmark = pytest.mark.usefixtures("key")


@pytest.mark.parametrize("params", [{}, SSE], ids=["whole", "stream"])
@pytest.mark.parametrize("name", [NATIVE, "qwen3.8-omni-flash"])
def test_a_dropped_connection_is_one_request(server, name, params):
    """The SDKs would send it again by themselves, and pay twice."""
    server.answer(DROP)
    with pytest.raises(TransientError, match=r"127\.0\.0\.1: the connection failed: \w"):
        model_at(server, name).ask(question(params=params))
    assert server.hits == 1


@pytest.mark.parametrize("name", MODELS)
def test_errors_of_the_server_are_one_request(server, name):
    server.answer(native_error(500, "InternalError", "x"))
    with pytest.raises(TransientError):
        model_at(server, name).ask(question())
    assert server.hits == 1


def test_nobody_there_is_worth_another_try():
    with Scripted() as server:
        pass
    for name in MODELS:
        with pytest.raises(TransientError, match="refused"):
            model_at(server, name).ask(question())


def test_connections_are_kept(server):
    for name in MODELS:
        server.answer(ANSWERS[name])
        server.peers.clear()
        model = model_at(server, name)
        for _ in range(5):
            model.ask(question())
        assert len(server.peers) == 1


def test_a_silent_server_is_given_up(server, monkeypatch):
    monkeypatch.setattr(wire, "READ_S", 0.2)
    server.answer(lambda asked: time.sleep(1.0) or DROP)
    for name in MODELS:
        with pytest.raises(TransientError, match=r"no byte for 0\.2 s"):
            model_at(server, name).ask(question())


@pytest.mark.parametrize("where", ["head", "body", "stream"])
@pytest.mark.parametrize("name", MODELS)
def test_a_server_that_drips_does_not_hang_the_run(name, where, monkeypatch):
    monkeypatch.setattr(wire, "TOTAL_S", 0.4)
    import socket

    head = {
        "head": b"",
        "body": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n",
        "stream": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n",
    }[where]
    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        connection, _ = listener.accept()
        with connection:
            connection.recv(1 << 20)
            connection.sendall(head)
            drops = b"HTTP/1.1 " if where == "head" else b": \n" * 100
            try:
                for drop in drops * 20:
                    connection.sendall(bytes([drop]))
                    time.sleep(0.05)
            except OSError:
                pass

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()

    class Server:
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"

    model = model_at(Server, name)
    started = time.perf_counter()
    with pytest.raises(TransientError, match=r"not complete after 0\.4 s"):
        model.ask(question(params=SSE if where == "stream" else {}))
    assert time.perf_counter() - started < 20
    thread.join(5)
    listener.close()


@pytest.fixture
def certificate(tmp_path):
    """A certificate of this machine that nobody trusts yet, and its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(secret, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "certificate.pem"
    path.write_bytes(secret.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_tls_is_verified_and_its_deadline_holds(certificate, monkeypatch):
    with Scripted(certificate) as server:
        for name in MODELS:
            with pytest.raises(ModelError, match="REQUESTS_CA_BUNDLE"):
                model_at(server, name).ask(question())
        assert server.hits == 0
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        for name in MODELS:
            server.answer(ANSWERS[name])
            assert model_at(server, name).ask(question()).text == "hello"
        monkeypatch.setattr(wire, "TOTAL_S", 0.4)
        server.answer(Answer(200, {"Content-Type": "text/event-stream"}, (b": \n",) * 40, 0.1))
        for name in MODELS:
            with pytest.raises(TransientError, match="not complete"):
                model_at(server, name).ask(question(params=SSE))


def test_proxies_and_netrc_of_the_environment_do_not_capture_loopback(server, monkeypatch, tmp_path):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password stolen\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in MODELS:
        server.answer(ANSWERS[name])
        assert model_at(server, name).ask(question()).text == "hello"
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {KEY}"}


def test_a_proxy_of_the_environment_stands_before_other_hosts(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.base)
    for name in MODELS:
        server.answer(ANSWERS[name])
        known = read_catalogue().overriding({name: {"base_url": "http://service.invalid/v1"}})
        assert models.find(name, known).ask(question()).text == "hello"
    assert [asked.path for asked in server.asked] == [
        "http://service.invalid/v1/services/aigc/multimodal-generation/generation",
        "http://service.invalid/v1/chat/completions",
    ]


def test_redirects_do_not_take_the_key_elsewhere(server):
    for name in MODELS:
        server.answer(Answer(307, {"Location": f"{server.base}/elsewhere"}, (b"",)))
        with pytest.raises(ModelError, match="307"):
            model_at(server, name).ask(question())
    assert not any(asked.path == "/elsewhere" for asked in server.asked)
