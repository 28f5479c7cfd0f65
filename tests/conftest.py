"""In CI a browser or an engine that is missing is a failure, not a skipped test."""

import gc
import os

import pytest
from hypothesis import settings
from scripted import KEY, Scripted
from serving import emulator as reciting

from qaeval import emulator
from qaeval.models.catalogue import read_catalogue

# The same examples each time, however busy the machine is; `--hypothesis-profile default` draws new ones.
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable")


def pytest_collection_finish():
    """The collected tests stay: a garbage collector that walks them now and then would count as time of some test."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    needed = item.get_closest_marker("browser") or item.get_closest_marker("engine")
    if report.skipped and needed and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _nobodys_own_settings(monkeypatch, tmp_path_factory):
    """What a developer has set for services changes no test."""
    for name in ("DASHSCOPE_API_KEY", "DASHSCOPE_API_KEY_FILE_PATH", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    empty = tmp_path_factory.getbasetemp() / "catalogue.toml"
    empty.touch()
    monkeypatch.setenv("QAEVAL_CATALOGUE", str(empty))


@pytest.fixture
def key(monkeypatch, tmp_path):
    """A user who has a key, and has uploaded nothing yet."""
    monkeypatch.setenv("DASHSCOPE_API_KEY", KEY)
    monkeypatch.setenv("QAEVAL_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def server():
    """A server that answers what the test tells it to."""
    with Scripted() as running:
        yield running


@pytest.fixture(scope="module")
def base():
    """The base URL of an emulator without limits that recites."""
    with reciting() as url:
        yield url


@pytest.fixture(scope="module")
def emulated():
    """The base URL of an emulator without limits that answers ``heard`` and the clip's sha256."""
    settings = emulator.Settings(engine=lambda request: f"heard {request.audio.sha256[:8]}", scale=1e6)
    with emulator.serving(settings) as url:
        yield url


@pytest.fixture
def rehearsed(emulated):
    """The catalogue of a rehearsal with that emulator."""
    return read_catalogue().pointing_to(emulated)
