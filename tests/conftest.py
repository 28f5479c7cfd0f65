"""In CI a browser or an engine that is missing is a failure, not a skipped test."""

import os

import pytest


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
