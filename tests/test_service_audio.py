"""How audio travels to a service: inside the request, as an upload, or as an address."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from clips import wav
from scripted import (
    ANSWERS,
    DROP,
    KEY,
    MODELS,
    NATIVE,
    OMNI,
    POLICY,
    Answer,
    json_answer,
    model_at,
    native_answer,
    native_error,
    paths,
    question,
    uploading,
)

from qaeval import models
from qaeval.errors import AudioError, ModelError, TransientError
from qaeval.models._services import sending, uploads, wire
from qaeval.models.catalogue import read_catalogue
from qaeval.types import Audio

pytestmark = pytest.mark.usefixtures("key")
CLIP = wav(1.0, 16000)


def test_small_files_go_as_base64_and_large_ones_are_uploaded(rehearsed, monkeypatch, tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes(CLIP)
    model = models.find(NATIVE, rehearsed)
    small = model.ask(question(audio=Audio(str(path))))
    monkeypatch.setattr(sending, "DATA_BYTES", len(CLIP))
    large = model.ask(question(audio=Audio(path)))
    assert small.text == large.text
    assert small.usage == large.usage
    assert "heard " in large.text


@pytest.mark.parametrize("name", [NATIVE, OMNI, "qwen3-asr-flash"])
@pytest.mark.parametrize("send", ["auto", "data", "file"])
def test_each_form_of_sending_is_heard_the_same(emulated, name, send):
    known = read_catalogue().overriding({name: {"send": send}}).pointing_to(emulated)
    audio = Audio(CLIP, "clip.wav")
    reply = models.find(name, known).ask(question(audio=audio, task="transcribe"))
    assert reply.text.startswith("heard ")


def test_a_public_address_is_passed_on(server):
    for name in MODELS:
        server.answer(ANSWERS[name])
        model = model_at(server, name, send="url")
        model.ask(question(audio=Audio(b"fitted", "https://example.com/a.mp3")))
        model.ask(question(audio=Audio("https://example.com/b.mp3", "b")))
        with pytest.raises(AudioError, match="no http"):
            model.ask(question(audio=Audio(b"ABC", "a.wav")))
        with pytest.raises(AudioError, match="as it is"):  # the address has the whole clip, not what was cut out of it
            model.ask(question(audio=Audio(b"fitted", "https://example.com/a.mp3"), fitting="cut-1:30"))
    native = [asked.json["input"]["messages"][0]["content"][0] for asked in server.asked[:2]]
    assert native == [{"audio": "https://example.com/a.mp3"}, {"audio": "https://example.com/b.mp3"}]
    part = server.asked[2].json["messages"][0]["content"][0]["input_audio"]
    assert part == {"data": "https://example.com/a.mp3", "format": "mp3"}
    assert not any("x-dashscope-ossresourceresolve" in asked.headers for asked in server.asked)


def test_a_clip_behind_an_address_is_fetched_where_it_cannot_be_passed_on(server):
    def given(asked):
        return Answer(200, {}, (b"ABC",)) if asked.path == "/a.mp3" else native_answer("hello")

    server.answer(given)
    model_at(server).ask(question(audio=Audio(f"{server.base}/a.mp3")))
    assert server.asked[-1].json["input"]["messages"][0]["content"][0] == {"audio": "data:;base64,QUJD"}


def test_a_clip_is_uploaded_once_however_many_ask_about_it(server):
    uploading(server)
    model = model_at(server, send="file")
    audio = [Audio(CLIP, f"{n}.wav") for n in range(12)]
    with ThreadPoolExecutor(12) as pool:
        assert {reply.text for reply in pool.map(lambda one: model.ask(question(audio=one)), audio)} == {"hello"}
    assert (paths(server).count("uploads"), paths(server).count("store"), paths(server).count("generation")) == (
        1,
        1,
        12,
    )
    asked = [one for one in server.asked if one.path.endswith("generation")]
    assert {one.headers["x-dashscope-ossresourceresolve"] for one in asked} == {"enable"}
    (address,) = {one.json["input"]["messages"][0]["content"][0]["audio"] for one in asked}
    assert address.startswith("oss://dir/1/")
    form = next(one.body for one in server.asked if one.path == "/store")
    assert CLIP in form
    assert f"key={KEY}".encode() not in form
    for field in ("OSSAccessKeyId", "Signature", "policy", "key", "success_action_status", "x-oss-object-acl"):
        assert f'name="{field}"'.encode() in form


def test_an_upload_that_is_not_found_any_more_is_made_anew(server):
    uploading(server, answer=native_error(400, "InvalidParameter", "Failed to find the requested media resource ..."))
    model = model_at(server, send="file")
    with pytest.raises(TransientError) as caught:
        model.ask(question())
    assert caught.value.attempts == 2
    uploading(server)
    assert model.ask(question()).text == "hello"
    assert paths(server).count("store") == 2


def test_uploads_expire_and_outlive_the_process_without_a_key_in_their_file(server, monkeypatch):
    from qaeval.redaction import Secret

    uploading(server)
    monkeypatch.setattr(uploads, "is_loopback", lambda url: "127.0.0.1" in url and "/api" not in url)
    monkeypatch.setattr(uploads.Uploads, "_store", lambda self, permit: permit["upload_host"])
    now = [1e9]
    entry = read_catalogue().find(NATIVE)

    def opened(key=KEY):
        return uploads.Uploads(entry, f"{server.base}/api/v1", Secret(key), wire.Wire(1, False), lambda: now[0])

    audio = Audio(CLIP, "private-name.wav")
    address = opened().address(audio)
    assert opened().address(audio) == address
    assert paths(server).count("store") == 1
    opened("sk-another-0123456789").address(audio)
    assert paths(server).count("store") == 2
    now[0] += 47 * 3600
    opened().address(audio)
    assert paths(server).count("store") == 3
    kept = uploads.cache_path().read_text()
    assert KEY not in kept
    assert "private-name" not in kept
    assert len(json.loads(kept)) == 1  # what has expired is forgotten
    uploads.cache_path().write_text("[torn")
    opened().address(audio)
    assert paths(server).count("store") == 4


def test_what_goes_to_this_machine_is_never_uploaded_elsewhere(server):
    def given(asked):
        return json_answer({"data": {**POLICY, "upload_host": "https://oss.example.com"}})

    server.answer(given)
    with pytest.raises(ModelError, match="nothing was sent"):
        model_at(server, send="file").ask(question())


def test_errors_of_uploads_are_classified(server):
    expired = "<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>"
    model = model_at(server, send="file")
    uploading(server, store=Answer(403, {"Content-Type": "application/xml"}, (expired.encode(),)))
    with pytest.raises(TransientError, match="permission to upload"):
        model.ask(question())
    uploading(server, store=DROP)
    with pytest.raises(TransientError):
        model.ask(question())
    uploading(server, store=Answer(400, {}, (b"<Error><Code>EntityTooLarge</Code><Message>no</Message></Error>",)))
    assert model.ask(question()).error.outcome == "failed"
    uploading(server, policy={**POLICY, "max_file_size_mb": 0})
    with pytest.raises(AudioError, match="at most 0 MB"):
        model.ask(question())
    server.answer(native_error(401, "InvalidApiKey", "Invalid API-key provided."))
    with pytest.raises(ModelError, match="DASHSCOPE_API_KEY"):
        model.ask(question())
    server.answer(json_answer({"data": {}}))
    with pytest.raises(TransientError, match="lacks upload_host"):
        model.ask(question())


def test_clips_that_cannot_be_sent_are_told_before_they_are(server, tmp_path):
    model = model_at(server)
    for audio, says in (
        (Audio(tmp_path / "gone.wav"), "cannot be read"),
        (Audio(b"", "empty.wav"), "empty.wav: the file"),
    ):
        with pytest.raises(AudioError, match=says):
            model.ask(question(audio=audio))
    with pytest.raises(AudioError, match="takes files up to 10"):
        model_at(server, send="file", audio={"size": 10}).ask(question(audio=Audio(CLIP, "a.wav")))
    assert server.hits == 0
