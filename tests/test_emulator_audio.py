"""The audio that the emulator is sent: addresses that it fetches, and uploads."""

import pytest
from serving import (
    CLIP,
    NATIVE,
    RESOLVES,
    TURBO,
    ask,
    certificate,
    emulator,
    message_of,
    native,
    post_file,
    web_server,
)


class TestReferences:
    def test_a_url_on_this_machine_is_fetched(self, base):
        def clip(handler):
            assert "DashScopeUserBot" in handler.headers["User-Agent"]
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(CLIP)))
            handler.end_headers()
            handler.wfile.write(CLIP)

        with web_server(clip) as web:
            body = native({"audio": f"{web}/a.wav?x=1"}, {"text": "?"})
            assert ask(base, NATIVE, body).json["usage"]["audio_tokens"] == 85

    def test_no_other_machine_is_asked(self, base):
        for url in ("http://192.0.2.1/a.wav", "https://localhost/a.wav", "http://example.test/a.wav"):
            status, code, message = message_of(ask(base, NATIVE, native({"audio": url})))
            assert (status, code) == (400, "InvalidParameter")
            assert message.endswith("(The emulator fetches http URLs of this machine only.)")

    def test_redirects_are_not_followed(self, base):
        def elsewhere(handler):
            handler.send_response(302)
            handler.send_header("Location", "http://192.0.2.1/a.wav")
            handler.end_headers()

        with web_server(elsewhere) as web:
            told = message_of(ask(base, NATIVE, native({"audio": f"{web}/a.wav"})))
        assert told == (400, "InvalidParameter", "Failed to download multimodal content.")

    def test_a_url_without_a_length(self, base):
        def endless(handler):
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(CLIP)

        with web_server(endless) as web:
            told = message_of(ask(base, NATIVE, native({"audio": f"{web}/a.wav"})))
        assert told == (500, "InternalError.Algo", "Missing Content-Length of multimodal url.")


class TestUploads:
    def test_a_file_serves_its_account_and_model(self, base):
        key = upload(base)
        body = native({"audio": f"oss://{key}"}, {"text": "?"})
        assert ask(base, NATIVE, body, **RESOLVES).json["usage"]["audio_tokens"] == 85
        assert ask(base, NATIVE, body, **RESOLVES).status == 200
        unresolved = message_of(ask(base, NATIVE, body))
        assert unresolved[2].startswith("The provided URL does not appear to be valid")
        gone = "Failed to find the requested media resource during the data inspection process."
        assert message_of(ask(base, NATIVE, body, key="sk-other", **RESOLVES))[2] == gone
        body["model"] = "qwen-audio-turbo"
        assert message_of(ask(base, NATIVE, body, **RESOLVES))[2] == gone

    def test_files_and_policies_expire(self):
        now = [0.0]
        with emulator(clock=lambda: now[0]) as base:
            certified, key = certificate(base), upload(base)
            now[0] = 301
            assert (
                "<Message>Invalid according to Policy: Policy expired.</Message>"
                in post_file(certified, CLIP).body.decode()
            )
            body = native({"audio": f"oss://{key}"}, {"text": "?"})
            now[0] = 48 * 3600 - 1
            assert ask(base, NATIVE, body, **RESOLVES).status == 200
            now[0] = 48 * 3600
            assert ask(base, NATIVE, body, **RESOLVES).status == 400

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"Signature": "AAAA"}, 403, "SignatureDoesNotMatch"),
            ({"OSSAccessKeyId": "LTAIother"}, 403, "InvalidAccessKeyId"),
            ({"policy": "e30="}, 403, "SignatureDoesNotMatch"),
            ({"key": "elsewhere/a.wav"}, 403, "AccessDenied"),
            ({"policy": ""}, 400, "InvalidArgument"),
        ],
    )
    def test_forms_that_are_not_as_signed(self, base, changes, status, code):
        answered = post_file(certificate(base), CLIP, **changes)
        assert answered.status == status
        assert answered.headers["content-type"] == "application/xml"
        assert f"<Error><Code>{code}</Code>".encode() in answered.body

    def test_a_form_that_is_none(self, base):
        answered = ask(base, "/oss", b"nonsense", Content_Type="multipart/form-data")
        assert (answered.status, answered.json["code"]) == (400, "NotServed")

    def test_a_name_is_not_used_twice(self, base):
        certified = certificate(base)
        first, again = post_file(certified, CLIP), post_file(certified, CLIP)
        assert (first.status, first.body) == (200, b"")
        assert again.status == 409
        assert b"FileAlreadyExists" in again.body

    def test_certificates_need_a_key_and_a_model(self, base):
        path = "/api/v1/uploads?action=getPolicy&model="
        assert message_of(ask(base, path + TURBO, key=None))[:2] == (401, "InvalidApiKey")
        assert message_of(ask(base, path + "nothing"))[:2] == (404, "ModelNotFound")

    def test_certificates_a_second(self):
        now = [0.0]
        with emulator(uploads_per_second=2, clock=lambda: now[0]) as base:
            path = f"/api/v1/uploads?action=getPolicy&model={TURBO}"
            assert [ask(base, path).status for _ in range(3)] == [200, 200, 429]
            now[0] = 1
            assert ask(base, path).status == 200


def upload(base):
    certified = certificate(base)
    assert post_file(certified, CLIP).status == 200
    return certified["upload_dir"] + "/a.wav"
