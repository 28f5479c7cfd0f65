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
