"""The emulator for tests: fast, with canned answers, and requests without any SDK in between."""

import base64
import contextlib
import http.client
import http.server
import json
import threading
from urllib.parse import urlsplit

from clips import wav

from qaeval.emulator import Settings, canned, serving

NATIVE = "/api/v1/services/aigc/multimodal-generation/generation"
COMPATIBLE = "/compatible-mode/v1/chat/completions"
WEIGHTS = "/v1/chat/completions"
TURBO, OMNI = "qwen-audio-turbo-latest", "qwen3.5-omni-flash"
STREAM, RESOLVES = {"X_DashScope_SSE": "enable"}, {"X_DashScope_OssResourceResolve": "enable"}
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@contextlib.contextmanager
def emulator(**settings):
    """The base URL of an emulator that recites and, unless told otherwise, has no limits worth the name."""
    defaults = {"engine": canned, "scale": 1e6, "per_second": False}
    with serving(Settings(**{**defaults, **settings})) as base:
        yield base


def data_url(audio, kind=""):
    """The clip as the ``data:`` URL that the vendor's pages show."""
    return f"data:{kind};base64,{base64.b64encode(audio).decode()}"


def native(*content, model=TURBO, messages=None, **parameters):
    """The body of a native request."""
    messages = messages or [{"role": "user", "content": list(content)}]
    return {"model": model, "input": {"messages": messages}, "parameters": parameters}


def compatible(*content, model=OMNI, messages=None, **rest):
    """The body of a compatible request; a stream unless told otherwise."""
    messages = messages or [{"role": "user", "content": list(content)}]
    return {"model": model, "messages": messages, "stream": True, **rest}


def audio_part(data, form="wav"):
    """The audio part of a compatible message."""
    return {"type": "input_audio", "input_audio": {"data": data, "format": form}}


def message_of(answered):
    """(status, code, message) of an error of either protocol."""
    body = answered.json
    told = body.get("error", body)
    return answered.status, told["code"], told["message"]


class Answered:
    """A response as it came: status, headers with lower-case names, and bytes."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def frames(self):
        """The JSON of each frame of a stream but ``[DONE]``."""
        lines = self.body.decode().split("\n")
        return [json.loads(line[5:]) for line in lines if line.startswith("data:") and "[DONE]" not in line]


def ask(base, path, body=None, *, key="sk-test", method=None, **headers):
    """One request over a connection of its own; ``body`` is JSON unless it is bytes."""
    where = urlsplit(base)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=30)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if key is not None:
        sent["Authorization"] = f"Bearer {key}"
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    try:
        connection.request(method or ("GET" if body is None else "POST"), path, body, sent)
        return Answered(connection.getresponse())
    finally:
        connection.close()


def stats(base, model=TURBO):
    """What the server counted of a model."""
    return ask(base, "/emulator/stats").json["models"].get(model)


def certificate(base, model=TURBO, key="sk-test"):
    """The certificate for an upload."""
    return ask(base, f"/api/v1/uploads?action=getPolicy&model={model}", key=key).json["data"]


def post_file(certified, content, **changes):
    """Posts a file as the SDK does."""
    form = {
        "OSSAccessKeyId": certified["oss_access_key_id"],
        "Signature": certified["signature"],
        "policy": certified["policy"],
        "key": certified["upload_dir"] + "/a.wav",
        "x-oss-object-acl": certified["x_oss_object_acl"],
        "x-oss-forbid-overwrite": certified["x_oss_forbid_overwrite"],
        "success_action_status": "200",
        "x-oss-content-type": "audio/x-wav",
        **changes,
    }
    parts = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in form.items()]
    parts.append(b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + content + b"\r\n")
    base, _, path = certified["upload_host"].rpartition("/")
    body = b"".join(parts) + b"--b--\r\n"
    return ask(base, f"/{path}", body, key=None, Content_Type="multipart/form-data; boundary=b")


@contextlib.contextmanager
def web_server(reply):
    """A web server on this machine; ``reply(handler)`` answers each GET."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            reply(self)

        def log_message(self, *told):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


CLIP = wav(3.4)
QUESTION = "这段音频在说什么?"
SAID = "这段音频说的是:'canned"
"""How an engine that recites begins."""
ASKED = native({"audio": data_url(CLIP)}, {"text": QUESTION})
ASKED_OMNI = compatible(audio_part(data_url(CLIP)), {"type": "text", "text": QUESTION})
