"""Calls of the real dashscope SDK, run by tests/test_contract.py as a program of its own, once for each release.

Reads JSON from its input (base URLs by what the server does, the clip as a path and as a URL) and prints as JSON what
each call gave: the response in plain values, or the exception that was raised.
"""

import asyncio
import base64
import json
import logging
import sys
from pathlib import Path

import dashscope
from dashscope import AioMultiModalConversation, MultiModalConversation

MODEL = "qwen-audio-turbo-latest"
QUESTION = {"text": "这段音频在说什么?"}


def told(response):
    """A response in plain values."""
    output = response.output or {}
    choice = (output.get("choices") or [{}])[0]
    return {
        "status": int(response.status_code),
        "code": response.code,
        "message": response.message,
        "request_id": response.request_id,
        "text": "".join(part["text"] for part in (choice.get("message") or {}).get("content") or []),
        "finish": choice.get("finish_reason"),
        "annotations": (choice.get("message") or {}).get("annotations"),
        "usage": dict(response.usage) if response.usage else None,
        "retry_after": {k.lower(): v for k, v in (getattr(response, "headers", None) or {}).items()}.get("retry-after"),
    }


def raised(error):
    """An exception in plain values."""
    kind = type(error)
    return {"raised": f"{kind.__module__}.{kind.__name__}", "message": str(error)}


class Calls:
    """The calls, each by its name; ``given`` is what the test passes."""

    def __init__(self, given):
        self.given = given
        self.path = given["path"]
        self.data = "data:;base64," + base64.b64encode(Path(self.path).read_bytes()).decode()
        self.results = {}

    def arguments(self, *content, server="plain", **changes):
        """The arguments of a call; the audio is a data URL unless ``content`` says otherwise."""
        dashscope.base_http_api_url = self.given["servers"][server] + "/api/v1"  # uploads know no other way
        messages = [{"role": "user", "content": list(content or ({"audio": self.data}, QUESTION))}]
        return {"api_key": "sk-right", "model": MODEL, "messages": messages, **changes}

    def call(self, name, *content, **changes):
        """One call; a stream's frames are a list, whose last item may be what was raised."""
        arguments = self.arguments(*content, **changes)
        try:
            response = MultiModalConversation.call(**arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            self.results[name] = raised(error)
            return
        self.results[name] = self.frames(response) if arguments.get("stream") else told(response)

    def frames(self, response):
        """The frames of a stream."""
        seen = []
        try:
            for frame in response:
                seen.append(told(frame))
        except Exception as error:  # noqa: BLE001
            seen.append(raised(error))
        return seen

    def sending(self):
        """Every way in which audio and messages travel."""
        self.call("data_url")
        self.call("http_url", {"audio": self.given["url"]}, QUESTION)
        self.call("file_url", {"audio": f"file://{self.path}"}, QUESTION)
        self.call("bare_path", {"audio": self.path}, QUESTION)
        self.call("no_text", {"audio": self.data})
        self.call("text_that_is_a_file", {"audio": self.data}, {"text": self.path})
        self.call("missing_file", {"audio": f"file://{self.path}.none"}, QUESTION)
        self.reused_upload()
        turns = [
            {"role": "system", "content": [{"text": "You are a helpful assistant."}]},
            {"role": "user", "content": [{"audio": self.data}, QUESTION]},
            {"role": "assistant", "content": [{"text": "你好"}]},
            {"role": "user", "content": [{"text": "What is being said in this audio?"}]},
        ]
        self.call("turns", messages=turns)
        self.call("parameters", temperature=0.5, top_p=0.8, seed=7, max_tokens=3, result_format="message")
        context = [
            {"role": "system", "content": [{"text": "Alice"}]},
            {"role": "user", "content": [{"audio": self.data}]},
        ]
        self.call("recogniser", messages=context, model="qwen3-asr-flash", asr_options={"language": "en"})

    def reused_upload(self):
        """An uploaded file is asked about twice, and by another model."""
        from dashscope.utils.oss_utils import OssUtils

        self.arguments()
        uploaded = OssUtils.upload(model=MODEL, file_path=self.path, api_key="sk-right")
        url = uploaded if isinstance(uploaded, str) else uploaded[0]
        self.call("oss_first", {"audio": url}, QUESTION)
        self.call("oss_again", {"audio": url}, QUESTION)
        self.call("oss_of_another_model", {"audio": url}, QUESTION, model="qwen-audio-turbo")

    def streaming(self):
        """Streams, with each value that ``incremental_output`` may have."""
        self.call("stream", stream=True)
        self.call("stream_pieces", stream=True, incremental_output=True)
        self.call("stream_merged", stream=True, incremental_output=False)
        self.call("stream_refused", {"audio": "data:;base64,AAAA"}, stream=True)
        for server in ("limited", "stream_error", "cut_sse", "drop_before"):
            self.call(f"stream_{server}", server=server, stream=True)

    def failing(self):
        """Every error that can be provoked."""
        self.call("wrong_key", api_key="sk-wrong")
        self.call("wrong_key_for_upload", {"audio": self.path}, api_key="sk-wrong")
        self.call("unknown_model", model="qwen-audio-3.0-asr-flash")
        self.call("retired_model", server="retiring", model="qwen-audio-turbo-1204")
        self.call("model_of_the_other_endpoint", model="qwen3.5-omni-flash")
        self.call("bad_url", {"audio": "nothing.wav"}, QUESTION)
        self.call("no_audio_data", {"audio": "data:;base64,AAAA"}, QUESTION)
        self.call("too_large", {"audio": "data:;base64," + "A" * 10_485_760}, QUESTION)
        self.call("bad_part", {"image": "data:;base64,AAAA"}, QUESTION)
        self.call("bad_temperature", temperature=2.0)
        for server in self.given["servers"]:
            if server not in ("plain", "retiring", "slow"):
                self.call(server, server=server)
        self.call("too_slow", server="slow", request_timeout=0.2)

    async def without_threads(self):
        """The same with asyncio."""
        self.results["aio"] = told(await AioMultiModalConversation.call(**self.arguments()))
        self.results["aio_file"] = told(await AioMultiModalConversation.call(**self.arguments({"audio": self.path})))
        stream = await AioMultiModalConversation.call(**self.arguments(stream=True, incremental_output=True))
        self.results["aio_stream"] = [told(frame) async for frame in stream]
        self.results["aio_limited"] = told(await AioMultiModalConversation.call(**self.arguments(server="limited")))
        await dashscope.close_shared_aio_session()


def main():
    """Makes all calls."""
    logging.getLogger("dashscope").setLevel(logging.CRITICAL)
    calls = Calls(json.load(sys.stdin))
    calls.sending()
    calls.streaming()
    calls.failing()
    asyncio.run(calls.without_threads())
    json.dump({"version": dashscope.__version__, "results": calls.results}, sys.stdout)


if __name__ == "__main__":
    main()
