"""A server on this machine that answers what a test tells it to, byte for byte, and keeps what it was asked."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, NamedTuple

from clips import wav

from qaeval import models
from qaeval.models.catalogue import read_catalogue
from qaeval.types import Audio, Message, Request

MODELS = ("qwen-audio-turbo-latest", "qwen3.5-omni-flash")
"""One of the native protocol, one of the compatible."""
NATIVE, OMNI = MODELS
KEY = "sk-of-the-tests-0123456789"
SSE = {"stream": True}
"""The parameter of a run that asks for a stream."""


class Answer(NamedTuple):
    """Chunks of a body, ``pause`` seconds apart; ``cut`` closes the connection behind them, without an end."""

    status: int = 200
    headers: Mapping = MappingProxyType({})
    chunks: tuple = ()
    pause: float = 0.0
    cut: bool = False


DROP = Answer(0)
"""No answer: the connection is closed when the request has been read."""


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that hangs up is nothing to tell."""


class Scripted:
    """The last answer given is given again and again; ``answer`` may be a function of what was asked."""

    def __init__(self, certificate=None):
        self.asked = []
        self.peers = set()
        self._answer = native_answer("hello")
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.base = f"http{'s' if certificate else ''}://127.0.0.1:{self._server.server_port}"

    def answer(self, answer):
        self._answer = answer

    @property
    def hits(self):
        return len(self.asked)

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc):
        self._server.shutdown()
        self._server.server_close()

    def _handler(self):
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                owner.peers.add(self.client_address)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, body)
                owner.asked.append(asked)
                answer = owner._answer(asked) if callable(owner._answer) else owner._answer
                try:
                    self.send(answer)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST

            def send(self, answer):
                if answer == DROP:
                    return self.drop()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                whole = len(answer.chunks) <= 1 and not answer.cut
                if whole:
                    self.send_header("Content-Length", str(len(b"".join(answer.chunks))))
                else:
                    self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for chunk in filter(None, answer.chunks):
                    self.wfile.write(chunk if whole else b"%x\r\n%s\r\n" % (len(chunk), chunk))
                    time.sleep(answer.pause)
                if answer.cut:
                    return self.drop()
                if not whole:
                    self.wfile.write(b"0\r\n\r\n")

            def drop(self):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

            def log_message(self, *args):
                pass

        return Handler


def json_answer(body, status=200, headers=None):
    return Answer(status, {"Content-Type": "application/json", **(headers or {})}, (json.dumps(body).encode(),))


def native_answer(text, **more):
    message = {"role": "assistant", "content": [{"text": text}]}
    return json_answer(native_body({"choices": [{"finish_reason": "stop", "message": message}]}, **more))


def native_body(output, **more):
    used = {"input_tokens": 33, "audio_tokens": 85, "output_tokens": 10}
    return {"output": output, "usage": used, "request_id": "r-1", **more}


def native_stream(*outputs, cut=False, pause=0.0):
    frames = [
        b"id:%d\nevent:result\n:HTTP_STATUS/200\ndata:%s\n\n" % (n, json.dumps(native_body(output)).encode())
        for n, output in enumerate(outputs, 1)
    ]
    return Answer(200, {"Content-Type": "text/event-stream;charset=UTF-8"}, (*frames, b""), pause, cut)


def native_frame(text, finish="null"):
    message = {"role": "assistant", "content": [{"text": text}] if text else []}
    return {"choices": [{"message": message, "finish_reason": finish}]}


def native_error(status, code, message, headers=None):
    return json_answer({"code": code, "message": message, "request_id": "r-1"}, status, headers)


def compatible_error(status, code, message, headers=None):
    error = {"code": code, "type": code, "message": message, "param": None}
    return json_answer({"error": error, "request_id": "r-1"}, status, headers)


def chunk(delta=None, finish=None, usage=None, **more):
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {
        "id": "c-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "served",
        "choices": choices,
        **more,
    } | ({"usage": usage} if usage else {})


USAGE = {
    "prompt_tokens": 118,
    "completion_tokens": 10,
    "prompt_tokens_details": {"audio_tokens": 85, "text_tokens": 33},
}


def compatible_stream(*chunks, cut=False, done=True, pause=0.0):
    frames = [b"data: %s\n\n" % json.dumps(item).encode() for item in chunks] + [b"data: [DONE]\n\n"] * done
    return Answer(200, {"Content-Type": "text/event-stream", "x-request-id": "r-1"}, (*frames, b""), pause, cut)


def compatible_answer(text, **more):
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return json_answer({"id": "c-1", "model": "served", "choices": choices, "usage": USAGE, **more})


def model_at(server, name=MODELS[0], **changes):
    """A model of the catalogue, asked at a server of the test with `KEY` if the test puts it into the environment."""
    path = "/api/v1" if read_catalogue().find(name).protocol == "dashscope" else "/compatible-mode/v1"
    return models.find(name, read_catalogue().overriding({name: {"base_url": server.base + path, **changes}}))


def question(text="这段音频在说什么?", audio=None, **more):
    audio = audio or Audio(wav(), "clip.wav")
    return Request("m", audio, (Message("user", text, with_audio=True),), **more)


ANSWERS = {
    NATIVE: native_answer("hello"),
    OMNI: compatible_stream(chunk({"content": "hello"}, "stop"), chunk(usage=USAGE)),
}
"""What each of `MODELS` answers as it should."""
POLICY = {
    "policy": "p",
    "signature": "s",
    "upload_dir": "dir/1",
    "oss_access_key_id": "LTAI",
    "x_oss_object_acl": "private",
    "x_oss_forbid_overwrite": "true",
    "max_file_size_mb": 100,
}


def uploading(server, policy=POLICY, store=None, answer=None):
    """The answers of a service that takes uploads."""

    def given(asked):
        if asked.path.startswith("/api/v1/uploads"):
            return json_answer({"request_id": "r", "data": {**policy, "upload_host": f"{server.base}/store"}})
        return (store or Answer(200)) if asked.path == "/store" else answer or native_answer("hello")

    server.answer(given)


def paths(server):
    """The last part of each path that was asked."""
    return [asked.path.partition("?")[0].rpartition("/")[2] for asked in server.asked]
