"""The catalogue: what is shipped, what a user's file changes, what is refused, and how it reads."""

import datetime
import importlib
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qaeval import models
from qaeval.audio import Waveform, encode, probe
from qaeval.errors import ModelError, UnknownNameError
from qaeval.models import catalogue as room
from qaeval.models.catalogue import Catalogue, Entry, read_catalogue
from qaeval.types import Audio

TODAY = datetime.date(2026, 11, 24)
DATA = Path(__file__).parent / "data/audio"
SEED = {
    *("qwen-audio-turbo", "qwen-audio-turbo-latest", "qwen-audio-turbo-2024-12-04", "qwen-audio-turbo-2024-08-07"),
    *("qwen2-audio-instruct", "qwen-audio-chat"),
}


@pytest.fixture(autouse=True)
def no_file_of_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("QAEVAL_CATALOGUE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


@pytest.fixture
def shipped():
    return read_catalogue()


def written(folder, text):
    path = folder / "mine.toml"
    path.write_text(text, "utf-8")
    return path


# What is shipped


def test_every_model_has_an_endpoint_a_source_and_a_date(shipped):
    for name, entry in shipped.entries.items():
        assert entry.name == name
        assert entry.provider == "dashscope"
        assert entry.url.startswith("https://dashscope.aliyuncs.com/")
        assert entry.url.endswith({"dashscope": "/api/v1", "openai": "/compatible-mode/v1"}[entry.protocol])
        assert entry.source
        assert re.fullmatch(r"\d{4}-\d\d(-\d\d)?", entry.date)
        assert entry.key_env == "DASHSCOPE_API_KEY"
        assert entry.audio.size


def test_the_models_of_the_native_protocol_are_those_of_the_vendors_page_and_the_recognisers(shipped):
    native = {name for name, entry in shipped.entries.items() if entry.protocol == "dashscope"}
    recognisers = {name for name, entry in shipped.entries.items() if entry.asr_options}
    assert native - recognisers == SEED
    assert all(name.startswith("qwen3-asr-flash") for name in recognisers)
    assert {name for name, entry in shipped.entries.items() if entry.voice_chat} == {
        *("qwen-audio-turbo-latest", "qwen-audio-turbo-2024-12-04", "qwen2-audio-instruct")
    }


def test_what_qwen_audio_hears(shipped):
    for name in SEED:
        audio = shipped.find(name).audio
        assert (audio.seconds, audio.cuts, audio.size) == (30, True, 10 * 2**20)
        assert [audio.tokens(seconds) for seconds in (0.2, 1, 3.4, 30, 95)] == [25, 25, 85, 750, 750]
        assert set(audio.languages) == {"zh", "en", "yue", "fr", "it", "es", "de", "ja"}


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("qwen-audio-turbo", (8_000, 6_000, 1_500)),
        ("qwen-audio-turbo-latest", (8_192, 6_144, 2_048)),
        ("qwen-audio-turbo-1204", (8_192, 6_144, 2_048)),
        ("qwen3.8-omni-flash", (1_000_000, 991_808, 131_072)),
        ("qwen3-omni-flash", (65_536, 49_152, 16_384)),
        ("qwen-omni-turbo", (32_768, 30_720, 2_048)),
        ("qwen3.5-omni-plus", (None, None, None)),
    ],
)
def test_lengths(shipped, name, figures):
    entry = shipped.find(name)
    assert (entry.context, entry.max_input, entry.max_output) == figures


@pytest.mark.parametrize(
    ("name", "tokens", "cost"),
    [
        ("qwen3.5-omni-plus", 210, 0.01113),
        ("qwen3.5-omni-flash", 210, 0.00378),
        ("qwen3-omni-flash", 375, 0.005925),
        ("qwen-omni-turbo", 750, 0.01875),
        ("qwen3-asr-flash", None, 0.0066),
        ("qwen-audio-turbo", 750, 0.0),
    ],
)
def test_what_30_seconds_cost_in_beijing(shipped, name, tokens, cost):
    entry = shipped.find(name)
    assert entry.audio.tokens(30) == tokens
    assert entry.price.cost({"audio_tokens": tokens or 0}, seconds=30) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("name", "rates"),
    [
        ("qwen-audio-turbo", (120, 100_000)),
        ("qwen-audio-turbo-latest", (60, 100_000)),
        ("qwen-audio-turbo-2024-12-04", (None, None)),
        ("qwen3-omni-flash-2025-09-15", (60, 100_000)),
        ("qwen3-asr-flash", (100, None)),
    ],
)
def test_rates(shipped, name, rates):
    entry = shipped.find(name)
    assert (entry.rates.requests_per_minute, entry.rates.tokens_per_minute) == rates


def test_replacements_are_in_the_catalogue_or_marked(shipped):
    for entry in shipped.entries.values():
        assert bool(entry.retired_on) == bool(entry.replacement) == (entry.status == "retired")
        if entry.replacement:
            assert entry.replacement_offered == (entry.replacement in shipped.entries)
        assert not entry.means or entry.means in shipped.entries


def test_an_alias_knows_when_its_snapshot_was_retired_and_has_a_status_of_its_own(shipped):
    for entry in shipped.entries.values():
        snapshot = shipped.find(entry.means) if entry.means else Entry("none")
        assert entry.means_retired_on == snapshot.retired_on
    latest = shipped.find("qwen-audio-turbo-latest")
    assert (latest.means, latest.means_retired_on) == ("qwen-audio-turbo-2024-12-04", "2026-01-30")
    assert (latest.status, latest.retired_on) == ("unknown", "")
    assert "means                   qwen-audio-turbo-2024-12-04 (retired on 2026-01-30)" in room.describe(latest)
    assert shipped.pointing_to("http://127.0.0.1:8765").find(latest.name).means_retired_on == "2026-01-30"
    assert models.find(f"dashscope/{latest.name}").facts["means_retired_on"] == "2026-01-30"


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ('["old-1"]\nstatus = "retired"\n["old"]\nmeans = "old-1"\n', "unknown"),
        ('["old-1"]\naliases = ["old-one"]\nretired_on = "2026-02-03"\n["old"]\nmeans = "old-one"\n', "2026-02-03"),
        ('["old-1"]\nstatus = "active"\n["old"]\nmeans = "old-1"\nmeans_retired_on = "2026-02-03"\n', ""),
        ('["old"]\nmeans = "nobody-knows"\n', ""),
        ('["old"]\nmeans = "nobody-knows"\nmeans_retired_on = "2026-02-03"\n', "2026-02-03"),
    ],
)
def test_what_the_catalogue_says_of_the_snapshot_goes_first(tmp_path, text, gone):
    entry = read_catalogue(written(tmp_path, text)).find("old")
    assert entry.means_retired_on == gone
    told = room.snapshot_sentence("old", {"means": entry.means, "means_retired_on": gone})
    assert bool(told) == bool(gone)
    assert ("on a day that is not known" in told) == (gone == "unknown")
    assert ("(retired on" in room.describe(entry)) == bool(gone)


def test_an_alias_that_moves_takes_nothing_from_its_old_snapshot(shipped):
    moved = shipped.overriding({"qwen-audio-turbo-latest": {"means": "qwen-audio-turbo-2027-01-01"}})
    assert moved.find("qwen-audio-turbo-latest").means_retired_on == ""


def test_the_container_or_the_codec_of_what_the_vendor_names_is_listed(shipped):
    formats = shipped.find("qwen-audio-turbo").audio.formats
    tone = Waveform(np.sin(np.arange(8000, dtype=np.float32) / 9)[None], 8000)
    named = [*(Audio(DATA / name) for name in ("gsm-ms.wav", "nb.amr", "amr.3gp", "tone.3gp", "s16.wav"))]
    named += [Audio(encode(tone, codec)) for codec in ("wav", "mp3", "aac", "amr", "3gp")]
    for clip in named:
        info = probe(clip)
        assert {info.container, info.codec} & set(formats), info
    for codec in ("flac", "ogg"):
        info = probe(Audio(encode(tone, codec)))
        assert not {info.container, info.codec} & set(formats)


# Names


def test_another_name_is_that_of_its_snapshot_and_only_of_it(shipped):
    assert shipped.find("qwen-audio-turbo-1204").name == "qwen-audio-turbo-2024-12-04"
    assert shipped.find("qwen-audio-turbo-0807").name == "qwen-audio-turbo-2024-08-07"


def test_a_moving_alias_has_its_own_name_and_status(shipped):
    alias = shipped.find("qwen-audio-turbo-latest")
    assert (alias.name, alias.status, alias.retired_on) == ("qwen-audio-turbo-latest", "unknown", "")
    assert shipped.find(alias.means).status == "retired"
    assert room.retired_sentence(alias, TODAY) == ""


@pytest.mark.parametrize("name", ["qwen-audio-3.0-asr-flash", "qwen-audio", "qwen-audio-turbo-2025-01-01", "", "QWEN"])
def test_a_name_is_never_matched_by_its_beginning(shipped, name):
    with pytest.raises(UnknownNameError, match="can be described in a catalogue file"):
        shipped.find(name)


def test_an_unknown_name_lists_the_nearest_of_models_and_providers():
    with pytest.raises(UnknownNameError, match="did you mean 'qwen-audio-turbo-latest'"):
        models.find("qwen-audio-turbo-latst")
    with pytest.raises(UnknownNameError, match="did you mean 'whisper/base'"):
        models.find("whispr/base")


def test_two_models_never_share_a_name(tmp_path):
    file = written(tmp_path, '["other"]\naliases = ["qwen-audio-turbo-1204"]\n')
    with pytest.raises(ModelError, match="'qwen-audio-turbo-1204' is both qwen-audio-turbo-2024-12-04's and other's"):
        read_catalogue(file)


# Retirement


def test_a_retired_model_says_when_and_what_replaces_it(shipped):
    said = room.retired_sentence(shipped.find("qwen-audio-turbo-1204"), TODAY)
    assert said == (
        "qwen-audio-turbo-2024-12-04 was retired on 2026-01-30; the vendor names qwen3-asr-flash as its replacement"
    )
    elsewhere = room.retired_sentence(shipped.find("qwen3-asr-flash-2025-09-08"), TODAY)
    assert elsewhere.endswith("names fun-asr as its replacement, which is not in the catalogue")


@pytest.mark.parametrize(("day", "retired"), [(29, False), (30, True), (31, True)])
def test_a_model_is_retired_from_its_day_on(day, retired):
    entry = Entry("x", status="active", retired_on="2027-01-30")
    today = datetime.date(2027, 1, day)
    assert bool(room.retired_sentence(entry, today)) == retired


def test_a_model_without_a_day_is_retired_by_its_status():
    assert room.retired_sentence(Entry("x", status="retired"), TODAY) == "x was retired, the day is not known"
    assert room.retired_sentence(Entry("x"), TODAY) == ""


# Where it is asked


def test_the_region_chooses_the_endpoint_and_the_price(shipped):
    there = shipped.overriding({"qwen3.5-omni-plus": {"region": "singapore"}}).find("qwen3.5-omni-plus")
    assert there.url == "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"
    assert there.price.audio_in == 82.44
    here = shipped.overriding({"qwen3.5-omni-plus": {"region": "tokyo", "workspace": "ws-1"}}).find("qwen3.5-omni-plus")
    assert here.url == "https://ws-1.ap-northeast-1.maas.aliyuncs.com/compatible-mode/v1"
    assert here.price is None


def test_an_endpoint_that_is_not_known_says_what_to_do(shipped):
    with pytest.raises(ModelError, match="no endpoint in the region 'tokyo'; expected one of: beijing; set region"):
        shipped.overriding({"qwen-audio-turbo": {"region": "tokyo"}}).find("qwen-audio-turbo").url  # noqa: B018
    with pytest.raises(ModelError, match="needs the id of your workspace; set workspace"):
        shipped.overriding({"qwen-omni-turbo": {"region": "tokyo"}}).find("qwen-omni-turbo").url  # noqa: B018


def test_base_url_goes_before_the_region(shipped):
    changed = shipped.overriding(
        {"qwen-omni-turbo": {"base_url": "https://{workspace}.here.test/v1/", "workspace": "w"}}
    )
    assert changed.find("qwen-omni-turbo").url == "https://w.here.test/v1"


def test_a_rehearsal_asks_the_emulator_whatever_is_added_later(shipped):
    rehearsal = shipped.pointing_to("http://127.0.0.1:8765/")
    added = rehearsal.overriding({"mine": {"provider": "openai", "base_url": "https://real.test/v1"}})
    assert added.emulator == "http://127.0.0.1:8765"
    assert all(entry.rehearsal for entry in added.entries.values())
    assert {entry.url for entry in rehearsal.entries.values()} == {
        *("http://127.0.0.1:8765/api/v1", "http://127.0.0.1:8765/compatible-mode/v1")
    }
    assert added.find("mine").url == "http://127.0.0.1:8765/v1"
    assert not any(entry.rehearsal for entry in shipped.entries.values())


@pytest.mark.parametrize(
    "base",
    ["https://dashscope.aliyuncs.com", "http://127.0.0.1.evil.test", "http://10.0.0.7:80", "http://[::1", "x", ""],
)
def test_a_rehearsal_never_leaves_this_machine(shipped, base):
    with pytest.raises(ModelError, match="a rehearsal asks an emulator on this machine"):
        shipped.pointing_to(base)


@pytest.mark.parametrize("base", ["http://localhost:1", "http://[::1]:1", "http://127.0.0.9:1"])
def test_every_name_of_this_machine_will_do(shipped, base):
    assert shipped.pointing_to(base).find("qwen-omni-turbo").url == f"{base}/compatible-mode/v1"


# A user's file


def test_a_file_changes_single_fields_and_adds_models(tmp_path, shipped):
    file = written(
        tmp_path,
        """
["qwen-audio-turbo-1204"]
rates.requests_per_minute = 30
prices.beijing.audio_in = 2
retired_on = 2027-01-01

["Qwen/Qwen2-Audio-7B-Instruct"]
provider = "openai"
base_url = "http://127.0.0.1:8000/v1"
key_env = ""
audio_form = "base64"

["qwen4-omni-flash"]
group = "qwen-omni"
audio.seconds = 60
""",
    )
    changed, old = read_catalogue(file), shipped.find("qwen-audio-turbo-1204")
    new = changed.find("qwen-audio-turbo-2024-12-04")
    assert (new.rates.requests_per_minute, new.rates.per_second) == (30, True)
    assert (new.prices["beijing"].audio_in, new.retired_on) == (2, "2027-01-01")
    assert (new.audio, new.context, new.voice_chat, new.source) == (old.audio, old.context, True, old.source)
    assert changed.find("Qwen/Qwen2-Audio-7B-Instruct").url == "http://127.0.0.1:8000/v1"
    assert changed.find("Qwen/Qwen2-Audio-7B-Instruct").key_env == ""
    flash = changed.find("qwen4-omni-flash")
    assert (flash.stream, flash.audio.seconds, flash.audio.size) == ("must", 60, 7 * 2**20)
    assert read_catalogue() == shipped


def test_a_group_in_a_file_changes_all_its_models_and_no_other(tmp_path, shipped):
    changed = read_catalogue(
        written(tmp_path, '[defaults.qwen-omni]\nregion = "singapore"\n["qwen-omni-turbo"]\nregion = "virginia"\n')
    )
    for name, entry in changed.entries.items():
        omni = shipped.entries[name].group == "qwen-omni"
        assert entry.region == ("virginia" if name == "qwen-omni-turbo" else "singapore" if omni else "beijing")
        assert entry.audio == shipped.entries[name].audio


def test_files_go_before_each_other_and_are_read_anew(tmp_path, monkeypatch):
    home = tmp_path / "home/.config/qaeval"
    home.mkdir(parents=True)
    (home / "catalogue.toml").write_text('["qwen-audio-turbo"]\nconcurrency = 2\ncontext = 2\n')
    assert read_catalogue().find("qwen-audio-turbo").concurrency == 2
    last = written(tmp_path, '["qwen-audio-turbo"]\nconcurrency = 4\n')
    entry = read_catalogue(str(last)).find("qwen-audio-turbo")
    assert (entry.concurrency, entry.context) == (4, 2)
    (tmp_path / "named.toml").write_text('["qwen-audio-turbo"]\nconcurrency = 3\n')
    monkeypatch.setenv("QAEVAL_CATALOGUE", str(tmp_path / "named.toml"))
    entry = read_catalogue().find("qwen-audio-turbo")
    assert (entry.concurrency, entry.context) == (3, 8_000)
    (tmp_path / "named.toml").write_text("")
    assert read_catalogue().find("qwen-audio-turbo").concurrency == 8


BAD = {
    "not TOML": ('["x"]\ncontext = \n', r"not a catalogue file in TOML: .*line 2"),
    "no table": ("concurrency = 3\n", r"concurrency: expected a table .*seen 3"),
    "defaults no table": ("defaults = 3\n", r"defaults: expected a table .*seen 3"),
    "group no table": ('[defaults]\n"qwen-omni" = 3\n', r"qwen-omni: expected a table .*seen 3"),
    "unknown field": ('["x"]\nregoin = "y"\n', r"model 'x': unknown field 'regoin'; did you mean 'region'\?"),
    "field of a table": ('["x"]\naudio.second = 3\n', r"unknown field 'audio.second'; did you mean 'seconds'\?"),
    "field of a price": ('["x"]\nprices.beijing.audio = 3\n', r"unknown field 'prices.beijing.audio'.*audio_in"),
    "no quotes": ("[qwen3.5-omni-plus]\ncontext = 3\n", r"unknown field '5-omni-plus'.*needs quotes"),
    "unknown group": ('["x"]\ngroup = "qwen-omi"\n', r"unknown group 'qwen-omi'; did you mean 'qwen-omni'"),
    "group of nobody": ("[defaults.qwen-omi]\ncontext = 3\n", r"no model is of the group 'qwen-omi'; did you mean"),
    "group no text": ('["x"]\ngroup = ["a"]\n', r"group: expected a text, seen \['a'\]"),
    "text for a number": ('["x"]\ncontext = "8k"\n', r"context: expected a whole number above 0, seen '8k'"),
    "float for a count": ('["x"]\nmax_output = 1.5\n', r"max_output: expected a whole number above 0, seen 1.5"),
    "bool for a number": ('["x"]\naudio.seconds = true\n', r"audio.seconds: expected a number above 0, seen True"),
    "negative": (
        '["x"]\nrates.tokens_per_minute = -1\n',
        r"tokens_per_minute: expected a whole number above 0, seen -1",
    ),
    "zero": ('["x"]\nconcurrency = 0\n', r"concurrency: expected a whole number above 0, seen 0"),
    "negative price": ('["x"]\nprices.b.text_in = -1\n', r"prices.b.text_in: expected a number of 0 or more, seen -1"),
    "not finite": ('["x"]\nprices.b.text_in = nan\n', r"expected a number of 0 or more, seen nan"),
    "number for a text": ('["x"]\nregion = 3\n', r"region: expected a text, seen 3"),
    "text for a bool": ('["x"]\nvoice_chat = "yes"\n', r"voice_chat: expected true or false, seen 'yes'"),
    "status": ('["x"]\nstatus = "gone"\n', r"status: expected 'active' or 'retired' or 'unknown', seen 'gone'"),
    "status no text": ('["x"]\nstatus = ["gone"]\n', r"status: expected 'active' or .*seen \['gone'\]"),
    "day": ('["x"]\nretired_on = "30.1.2026"\n', r"retired_on: expected a day such as 2026-01-30, seen '30.1.2026'"),
    "day of a snapshot": ('["x"]\nmeans_retired_on = "soon"\n', r"expected a day such as 2026-01-30, or unknown"),
    "language": ('["x"]\naudio.languages = ["zh-CN"]\n', r"audio.languages: expected a lower-case language code"),
    "no list": ('["x"]\naudio.formats = "wav"\n', r"audio.formats: expected a list of texts, seen 'wav'"),
    "no text in a list": ('["x"]\naudio.formats = [1]\n', r"audio.formats: expected a text, seen 1"),
    "no URL": ('["x"]\nbase_url = "localhost:8000"\n', r"base_url: expected a URL such as"),
    "no URL of a region": ('["x"]\nendpoints.here = "ftp://x"\n', r"endpoints.here: expected a URL such as"),
    "no table for a field": ('["x"]\nrates = 60\n', r"rates: expected a table, seen 60"),
    "name": ('["x"]\nname = "y"\n', r"unknown field 'name'"),
    "a rehearsal by hand": ('["x"]\nrehearsal = true\n', r"unknown field 'rehearsal'"),
    "no name": ('[""]\ncontext = 3\n', r"'': expected the name of a model"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_told_with_its_place(tmp_path, case):
    text, message = BAD[case]
    file = written(tmp_path, text)
    with pytest.raises(ModelError, match=message) as error:
        read_catalogue(file)
    assert str(error.value).startswith(str(file))


def test_a_file_that_is_missing_or_no_text(tmp_path, monkeypatch):
    monkeypatch.setenv("QAEVAL_CATALOGUE", str(tmp_path / "none.toml"))
    with pytest.raises(ModelError, match=r"there is no catalogue file .*none.toml; correct its path \(--catalogue"):
        read_catalogue()
    (tmp_path / "none.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match="not a catalogue file in TOML"):
        read_catalogue()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key_env", "sk-0123456789abcdef0123"),
        ("key_env", "tok3n_of_a_server_of_mine"),
        ("base_url", "https://me:sk-0123456789abcdef0123@host.test/v1"),
        ("base_url", "https://host.test/v1?key=sk-0123456789abcdef0123"),
        ("context", "sk-0123456789abcdef0123"),
        ("status", "sk-0123456789abcdef0123"),
    ],
)
def test_a_key_in_the_wrong_place_is_refused_and_not_told(shipped, field, value):
    with pytest.raises(ModelError, match=field) as error:
        shipped.overriding({"qwen-audio-turbo": {field: value}})
    assert value not in str(error.value)
    assert "0123456789abcdef" not in str(error.value)


def test_changes_in_python_are_checked_alike(shipped):
    changed = shipped.overriding({"qwen-audio-turbo": {"audio": {"languages": ("zh",)}, "context": None}})
    assert changed.find("qwen-audio-turbo").audio.languages == ("zh",)
    assert changed.find("qwen-audio-turbo").context is None
    with pytest.raises(ModelError, match=r"^the run's file: model 'qwen-audio-turbo': audio\.seconds: expected"):
        shipped.overriding({"qwen-audio-turbo": {"audio": {"seconds": 0}}}, "the run's file")
    with pytest.raises(ModelError, match="expected the name of a model with a table"):
        shipped.overriding({"qwen-audio-turbo": 3})


# As models


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """A provider of services, as a file of its own, that tells what it was given."""
    (tmp_path / "scratch.py").write_text(
        "from qaeval.types import Model\n\n\n"
        "def load(rest, catalogue):\n"
        "    entry = catalogue.find(rest)\n"
        '    return Model(f"scratch/{entry.name}", lambda request: "", facts={"url": entry.url})\n'
    )
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield read_catalogue().overriding(
        {"mine": {"provider": "scratch", "aliases": ["my/other"], "base_url": "http://x/v1"}}
    )
    sys.modules.pop("qaeval.models.scratch", None)
    vars(models).pop("scratch", None)


@pytest.mark.parametrize("name", ["scratch/mine", "mine", "my/other", "scratch/my/other"])
def test_a_name_is_looked_up_in_the_catalogue_that_is_given(scratch, name):
    model = models.find(name, scratch)
    assert (model.name, model.facts["url"]) == ("scratch/mine", "http://x/v1")


def test_without_a_catalogue_it_is_the_users(scratch, tmp_path, monkeypatch):
    file = written(tmp_path, '["mine"]\nprovider = "scratch"\nbase_url = "http://y/v1"\n')
    monkeypatch.setenv("QAEVAL_CATALOGUE", str(file))
    assert models.find("mine").facts["url"] == "http://y/v1"


@pytest.mark.parametrize("kind", ["silence", "swapped"])
def test_a_control_asks_the_model_of_the_same_catalogue(scratch, kind):
    model = models.find(f"control/{kind}:mine", scratch.pointing_to("http://127.0.0.1:9"))
    assert model.facts["url"] == "http://127.0.0.1:9/v1"


def test_a_provider_without_a_catalogue_reads_none(scratch, monkeypatch, tmp_path):
    code = 'from qaeval.types import Model\n\n\ndef load(rest):\n    return Model(rest, lambda request: "")\n'
    (tmp_path / "scratch.py").write_text(code)
    monkeypatch.setenv("QAEVAL_CATALOGUE", str(tmp_path / "none.toml"))
    assert models.find("scratch/any").name == "any"


def test_a_provider_that_is_not_there_is_named(shipped):
    with pytest.raises(UnknownNameError, match="unknown model provider 'vllm'"):
        models.find("mine", shipped.overriding({"mine": {"provider": "vllm"}}))


def test_reading_imports_nothing_heavy():
    code = """
import sys
from qaeval.models.catalogue import describe, read_catalogue
describe(read_catalogue().find("qwen-audio-turbo"))
print([name for name in "pandas numpy av dashscope openai requests httpx".split() if name in sys.modules])
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# As text


def test_the_frame_has_a_row_a_model_and_missing_values_for_what_is_not_known(shipped):
    frame = room.table(shipped).set_index("name")
    assert list(frame.index) == list(shipped.entries)
    turbo, plus = frame.loc["qwen-audio-turbo"], frame.loc["qwen3.5-omni-plus"]
    assert (turbo["audio_seconds"], turbo["audio_mb"], turbo["rpm"], turbo["free_tokens"]) == (30, 10, 120, 100_000)
    assert (plus["text_in"], plus["audio_in"], plus["text_out"], plus["region"]) == (7, 53, 40, "beijing")
    assert frame["context"].dtype == "Int64"
    assert frame.loc["qwen3.5-omni-plus", ["context", "max_output"]].isna().all()
    assert frame.loc["qwen-audio-turbo-2024-12-04", "aliases"] == "qwen-audio-turbo-1204"


def test_the_table_fits_a_terminal_and_says_what_is_not_known(shipped):
    text = room.table_text(room.table(shipped))
    lines = text.splitlines()
    assert max(map(len, lines)) <= 120
    assert not re.search(r"\b(nan|None|NA|NaN)\b", text)
    row = next(line for line in lines if line.startswith("qwen3-omni-flash-2025-12-01"))
    assert re.split(r"\s{2,}", row) == [
        *("qwen3-omni-flash-2025-12-01", "retired 2026-10-10", "20 min, 7 MB", "60, 100k", "-", "qwen3.5-omni-plus")
    ]
    assert room.table_text(room.table(Catalogue({"x": Entry("x")}))).splitlines()[1].split() == [
        *("x", "not", "known", "-", "-", "-", "-")
    ]


def test_an_empty_catalogue_is_an_empty_table():
    frame = room.table(Catalogue({}))
    assert (len(frame), "rpm" in frame, room.table_text(frame)) == (0, True, "(no model)")


def test_a_description_has_every_field(shipped):
    for entry in [*shipped.entries.values(), Entry("bare")]:
        text = room.describe(entry)
        assert not re.search(r"\b(nan|None)\b", text)
        assert max(map(len, text.splitlines())) <= 110
        flat = " ".join(text.split())
        for field in ("name", "retired_on", "replacement", "means", "source", "note", "group", "key_env"):
            assert getattr(entry, field) in flat
        assert all(url in flat for url in entry.endpoints.values())
    bare = room.describe(Entry("bare"))
    assert re.search(r"^context +not known$", bare, re.M)
    assert re.search(r"^replacement +-$", bare, re.M)
