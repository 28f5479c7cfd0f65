"""A call as a script to paste: Python with the vendor's SDK, or bash with curl. It makes the very same request.

The key comes from the environment, the audio from its file or address. Texts of a dataset are untrusted: they stand in
the script as quoted literals only.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from typing import Any

from qaeval.errors import QaevalError
from qaeval.models._services import compatible, native, sending
from qaeval.models._services.links import OSS_HEADER, has_audio, streams
from qaeval.models.catalogue import Entry
from qaeval.types import Request


def script(entry: Entry, url: str, request: Request, kind: str) -> str:
    """The script; ``kind`` is ``python`` or ``curl``. Raises `QaevalError` for another kind.

    Nothing is sent. A clip that has no file of its own is named by what the dataset calls it. Raises `AudioError` for
    a clip that cannot be sent.
    """
    if kind not in ("python", "curl"):
        raise QaevalError(f"expected a script of the kind python or curl, seen {kind!r}")
    call = _Call(entry, url, request)
    if kind == "curl":
        return _curl(call)
    return _native_python(call) if entry.protocol == "dashscope" else _compatible_python(call)


class _Call:
    """What both kinds of script are made of; ``mark`` stands in the body where the audio goes."""

    def __init__(self, entry: Entry, url: str, request: Request) -> None:
        self.entry = entry
        self.url = url
        self.request = request
        self.stream = streams(entry, request)
        self.hears = has_audio(entry, request)
        self.form: sending.Form = sending.form(entry, request) if self.hears else "data"
        self.mark = hashlib.sha256(request.key.encode()).hexdigest()  # no text of a dataset contains its own hash
        source = request.audio.source
        self.path = request.audio.name if isinstance(source, bytes) else str(source)
        self.note = ["# save the clip that was sent under this name first"] if isinstance(source, bytes) else []

    @property
    def start(self) -> str:
        """What stands before the base64 of the audio."""
        if self.form != "data":
            return ""
        return "data:;base64," if self.native else compatible.start(self.entry, self.request.audio)

    @property
    def native(self) -> bool:
        return self.entry.protocol == "dashscope"

    @property
    def messages(self) -> list[dict[str, Any]]:
        if self.native:
            return native.messages(self.entry, self.request, self.mark)
        part = compatible.part(self.entry, self.request.audio, self.mark)
        return compatible.messages(self.entry, self.request, part)

    @property
    def options(self) -> dict[str, Any]:
        make = native.parameters if self.native else compatible.options
        return make(self.entry, self.request)

    @property
    def body(self) -> dict[str, Any]:
        """The body of the request as JSON."""
        if self.native:
            return {"model": self.entry.name, "parameters": self.options, "input": {"messages": self.messages}}
        return {"model": self.entry.name, "messages": self.messages, **self.options}


def _literal(value: Any) -> str:
    """A value as Python writes it; what no file can hold in UTF-8 is escaped."""
    text = repr(value)
    return text if _is_utf8(text) else ascii(value)


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _python_messages(call: _Call) -> list[str]:
    """The conversation, a turn a line, with AUDIO where the clip goes."""
    turns = [_literal(turn).replace(repr(call.mark), "AUDIO") for turn in call.messages]
    return ["messages = [", *(f"    {turn}," for turn in turns), "]"]


def _python_audio(call: _Call) -> list[str]:
    """The lines that make AUDIO, where it is sent."""
    if not call.hears:
        return []
    if call.form == "url":
        return [f"AUDIO = {_literal(sending.address(call.request.audio))}"]
    if call.form == "file" and call.native:
        return [f"AUDIO = 'file://' + os.path.abspath({_literal(call.path)})  # the SDK uploads it"]
    if call.form == "file":
        return ["AUDIO = os.environ['AUDIO_URL']  # the address of the uploaded clip: oss://..."]
    return [
        *call.note,
        f"with open({_literal(call.path)}, 'rb') as file:",
        f"    AUDIO = {call.start!r} + base64.b64encode(file.read()).decode()",
    ]


def _python_key(call: _Call) -> str:
    return f"os.environ[{call.entry.key_env!r}]" if call.entry.key_env else "'no-key'"


def _native_python(call: _Call) -> str:
    stream = ["    stream=True,"] if call.stream else []
    workspace = [f"    workspace={call.entry.workspace!r},"] if call.entry.workspace else []
    lines = [
        "import base64",
        "import os",
        "",
        "import dashscope",
        "",
        f"dashscope.base_http_api_url = {call.url!r}",
        *_python_audio(call),
        *_python_messages(call),
        "for message in messages:",
        "    for part in message['content']:",
        "        if os.path.isfile(os.path.expanduser(part.get('text', ''))):",
        "            raise SystemExit('this text names a file, which the SDK would upload: ' + part['text'])",
        "response = dashscope.MultiModalConversation.call(",
        f"    model={call.entry.name!r},",
        "    messages=messages,",
        f"    api_key={_python_key(call)},",
        *workspace,
        *stream,
        *([f"    **{_literal(call.options)},"] if call.options else []),
        ")",
        *(["for frame in response:", "    print(frame)"] if call.stream else ["print(response)"]),
    ]
    return "\n".join(lines) + "\n"


def _compatible_python(call: _Call) -> str:
    options = call.options
    stream = options.pop("stream", False)
    headers = [f"    extra_headers={OSS_HEADER!r},"] if call.form == "file" else []
    lines = [
        "import base64",
        "import os",
        "",
        "from openai import OpenAI",
        "",
        f"client = OpenAI(api_key={_python_key(call)}, base_url={call.url!r}, max_retries=0)",
        *_python_audio(call),
        *_python_messages(call),
        "response = client.chat.completions.create(",
        f"    model={call.entry.name!r},",
        "    messages=messages,",
        *(["    stream=True,"] if stream else []),
        *([f"    extra_body={_literal(options)},"] if options else []),
        *headers,
        ")",
        *(
            ["for chunk in response:", "    print(chunk.to_json(indent=None))"]
            if stream
            else ["print(response.to_json())"]
        ),
    ]
    return "\n".join(lines) + "\n"


def _curl(call: _Call) -> str:
    body = json.dumps(call.body, ensure_ascii=False)
    before, _, after = (body if _is_utf8(body) else json.dumps(call.body)).partition(call.mark)
    if not call.hears:
        return _curl_lines(call, [], [f"printf '%s' {shlex.quote(before)}"])
    if call.mark in after:
        raise QaevalError("this conversation has the clip in several turns; choose the kind python")
    body_lines = [
        "{",
        f"  printf '%s' {shlex.quote(before + call.start)}",
        "  audio",
        f"  printf '%s' {shlex.quote(after)}",
        "}",
    ]
    return _curl_lines(call, _curl_audio(call), body_lines)


def _curl_lines(call: _Call, audio: list[str], body: list[str]) -> str:
    """The script whose ``body`` prints what is sent."""
    path = native.PATH if call.native else compatible.PATH
    lines = [
        "#!/usr/bin/env bash",
        "set -euo pipefail",
        *audio,
        *body[:-1],
        f"{body[-1]} | curl --silent --show-error --no-buffer --data-binary @- \\",
        *(f"  --header {header} \\" for header in _curl_headers(call)),
        f"  {shlex.quote(f'{call.url}/{path}')}",
    ]
    return "\n".join(lines) + "\n"


def _curl_audio(call: _Call) -> list[str]:
    if call.form == "url":
        address = json.dumps(sending.address(call.request.audio))[1:-1]
        return [f"audio() {{ printf '%s' {shlex.quote(address)}; }}"]
    if call.form == "file":
        return [
            ': "${AUDIO_URL:?upload the clip first (the python script does), and put its oss:// address here}"',
            "audio() { printf '%s' \"$AUDIO_URL\"; }",
        ]
    return [*call.note, f"audio() {{ base64 < {shlex.quote(call.path)} | tr -d '\\n'; }}"]


def _curl_headers(call: _Call) -> list[str]:
    headers = ["'Content-Type: application/json'"]
    if call.entry.key_env:
        headers.insert(0, f'"Authorization: Bearer ${{{call.entry.key_env}:?set it first}}"')
    if call.native and call.stream:
        headers += ["'Accept: text/event-stream'", "'X-DashScope-SSE: enable'"]
    if call.native and call.entry.workspace:
        headers.append(shlex.quote(f"X-DashScope-WorkSpace: {call.entry.workspace}"))
    if call.form == "file":
        headers += [shlex.quote(f"{name}: {value}") for name, value in OSS_HEADER.items()]
    return headers
