"""Keys of a service: where they come from, when they are checked, and that nothing tells them."""

import base64
import json
import logging

import pytest
from clips import wav
from scripted import (
    ANSWERS,
    DROP,
    KEY,
    MODELS,
    NATIVE,
    OMNI,
    json_answer,
    model_at,
    native_error,
    question,
)

from qaeval import models, redaction
from qaeval.errors import DatasetError, ModelError, TransientError
from qaeval.models._services import sdk_logs
from qaeval.types import Audio

pytestmark = pytest.mark.usefixtures("key")
CLIP = wav(1.0, 16000)


def test_a_missing_key_is_told_before_anything_is_sent(server, monkeypatch, tmp_path):
    monkeypatch.delenv("DASHSCOPE_API_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in MODELS:
        for call in (model_at(server, name).check, lambda name=name: model_at(server, name).ask(question())):
            with pytest.raises(ModelError, match="export DASHSCOPE_API_KEY"):
                call()
    assert server.hits == 0
    (tmp_path / ".dashscope").mkdir()
    (tmp_path / ".dashscope" / "api_key").write_text(f"{KEY}\n")
    model_at(server).ask(question())
    monkeypatch.setenv("DASHSCOPE_API_KEY_FILE_PATH", str(tmp_path / "other"))
    with pytest.raises(ModelError, match="cannot be read"):
        model_at(server).ask(question())
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_key_that_cannot_be_one_is_not_shown(server, monkeypatch):
    monkeypatch.setenv("DASHSCOPE_API_KEY", "my secret\nkey")
    with pytest.raises(ModelError) as caught:
        model_at(server).check()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", MODELS)
def test_a_service_that_cannot_be_reached_is_told_at_once(server, name):
    server.answer(DROP)
    with pytest.raises(ModelError, match="cannot be reached"):
        model_at(server, name).check()
    assert server.hits == 2  # it is tried again once


@pytest.mark.parametrize("name", MODELS)
def test_a_wrong_key_is_told_once_and_asked_once(server, name):
    server.answer(native_error(401, "InvalidApiKey", f"Invalid API-key provided: {KEY}"))
    model = model_at(server, name)
    for _ in range(3):
        with pytest.raises(ModelError) as caught:
            model.check()
    assert KEY not in str(caught.value)
    assert "DASHSCOPE_API_KEY" in str(caught.value)
    assert server.hits == 1
    assert server.asked[0].path in (f"/api/v1/uploads?action=getPolicy&model={name}", "/compatible-mode/v1/models")


@pytest.mark.parametrize(
    "answer", [native_error(404, "ModelNotFound", "x"), native_error(500, "InternalError", "x"), json_answer({})]
)
def test_a_check_that_says_nothing_of_the_key_passes(server, answer):
    server.answer(answer)
    for name in MODELS:
        model = model_at(server, name)
        model.check()
        model.check()
    assert server.hits == 2


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000/v1", "file:///etc/passwd", "https:///v1", "https://eve:password@127.0.0.1/v1"]
)
def test_an_address_that_is_none_is_told_at_once(monkeypatch, url):
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(ModelError, match="expected a base URL") as caught:
        models.find("openai/x")
    assert "password@" not in str(caught.value)


def test_a_missing_package_is_told(server, monkeypatch):
    from importlib import util

    found = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name, *rest: None if name in ("dashscope", "openai") else found(name))
    for name in MODELS:
        with pytest.raises(ModelError, match=r'pip install "qaeval\[dashscope\]"'):
            model_at(server, name).check()


@pytest.mark.parametrize("name", [NATIVE, OMNI])
def test_no_key_and_no_audio_in_any_log(server, name, caplog, capfd):
    """At DEBUG, dashscope logs whole requests; and, at ERROR, the traceback of every dropped connection."""
    caplog.set_level(logging.DEBUG)
    for logger in sdk_logs.LOGGERS:
        caplog.set_level(logging.DEBUG, logger)
    audio = Audio(CLIP, "clip.wav")
    model = model_at(server, name)
    for answer in (ANSWERS[name], native_error(500, "InternalError", f"key {KEY}"), DROP):
        server.answer(answer)
        try:
            told = repr(model.ask(question(audio=audio)))
        except TransientError as error:
            told = repr(error)
        assert KEY not in told
    encoded = base64.b64encode(CLIP).decode()
    logged = caplog.text + "".join(capfd.readouterr())
    assert encoded[1000:1200] not in logged
    assert KEY not in logged
    assert "Traceback" not in logged
    assert name == OMNI or "Request body" in logged  # that which had to be shortened was there
    assert KEY not in repr(model) + json.dumps(model.facts)


HUB_TOKENS = ("hf_" + "aBcD0" * 6 + "eFgH", "hf_" + "Z" * 34, "api_org_" + "q9" * 17)
LIKE_KEYS = (*HUB_TOKENS, "sk-0123456789abcdef", "LTAI0123456789abcdef")


@pytest.mark.parametrize("token", HUB_TOKENS)
@pytest.mark.parametrize(
    "form", ["{}", "token={}.", "https://user:{}@huggingface.co/x", "{{'token': '{}'}}", "令牌{}。"]
)
def test_a_key_is_known_by_its_looks(token, form):
    text = form.format(token)
    masked = text.replace(token, redaction.MASK)
    assert redaction.redact(text) == masked
    assert redaction.redacted({"error": [text]}) == {"error": [masked]}


@pytest.mark.parametrize(
    "text", ["hf_hub_download", "HF_TOKEN=", "hf_short0123456789", "shelf_" + "a" * 34, "hf_" + "-" * 34]
)
def test_what_only_begins_like_a_token_stays(text):
    assert redaction.redact(text) == text


@pytest.mark.parametrize("token", HUB_TOKENS)
def test_an_error_of_the_hub_tells_no_token_even_an_unknown_one(monkeypatch, token):
    pytest.importorskip("datasets")
    from qaeval.datasets._hub_errors import explained

    monkeypatch.delenv("HF_TOKEN", raising=False)
    with pytest.raises(DatasetError) as caught, explained("hub, owner/name"):
        raise OSError(f"401 Client Error: Invalid user token {token} (Request ID: Root=1-2)")
    assert token not in str(caught.value)
    assert "Invalid user token *** (Request ID" in str(caught.value)
    assert caught.value.__cause__ is None
