"""qa.explore: its widgets in this process, and in a real JupyterLab in a real browser."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from seeing import HOSTILE, PLAYS, Watched, browser, small_run, speaker

import qaeval as qa

TESTS = Path(__file__).parent

SETUP = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
import qaeval as qa
from seeing import SAID, TIMES, samples

def old(request):
    return TIMES["old"] if request.task == "locate" else SAID["old"].get(Path(request.audio.name).stem, "this is fine")

def new(request):
    return TIMES["new"] if request.task == "locate" else SAID["new"].get(Path(request.audio.name).stem, "this is fine")

Path("clips").mkdir()
run = qa.run(samples(Path("clips")), ["transcribe", "locate"], [old, new], "run", progress=False)
explorer = qa.explore(run)
explorer
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return small_run(tmp_path_factory.mktemp("explorer"))


def listed(explorer: Any) -> list[str]:
    return [value for _, value in explorer.listing.options]


def choose(control: Any, label: str) -> None:
    labels = [option[0] for option in control.options]
    control.index = next(place for place, known in enumerate(labels) if known.startswith(label))


def test_the_worst_clip_is_shown_first(run: Any) -> None:
    explorer = qa.explore(run)
    assert (explorer.a.value, explorer.b.value) == ("old", "new")
    assert explorer.listing.value == listed(explorer)[0]
    assert "<audio" in explorer.pane.value
    assert "qa-sub" in explorer.pane.value
    assert explorer.problem.value == ""


def test_controls_choose_the_clips(run: Any) -> None:
    explorer = qa.explore(run)
    everything = listed(explorer)
    choose(explorer.status, "changed only")
    changed = listed(explorer)
    assert set(changed) < set(everything)
    assert {"stew", "aliyun"} <= set(changed)
    assert "fine" not in changed
    choose(explorer.column, "language")
    choose(explorer.value, "zh")
    assert listed(explorer) == [name for name in changed if name in ("aliyun", "wifi")]
    assert (
        ">2 of 7 clips, worst first, of those that both replied to. Each line: cer of A → of B, "
        in explorer.found.value
    )
    choose(explorer.column, "all")
    choose(explorer.status, "all")
    assert listed(explorer) == everything
    explorer.search.value = "STEW dinner"
    assert listed(explorer) == ["stew"]
    explorer.search.value = "no such words"
    assert listed(explorer) == []
    assert "No clip matches" in explorer.pane.value


def test_swapping_the_models_turns_the_order_round(run: Any) -> None:
    explorer = qa.explore(run)
    order = listed(explorer)
    assert order.index("stew") < order.index("fine") < order.index("aliyun")
    explorer.a.value, explorer.b.value = "new", "old"
    turned = listed(explorer)
    assert turned.index("aliyun") < turned.index("fine") < turned.index("stew")
    choose(explorer.status, "regressed")
    assert "stew" not in listed(explorer)
    assert "aliyun" in listed(explorer)


def test_each_metric_has_its_clips(run: Any) -> None:
    explorer = qa.explore(run)
    seen = set()
    for place in range(len(explorer.metric.options)):
        explorer.metric.index = place
        seen.add(tuple(sorted(listed(explorer))))
        assert explorer.problem.value == ""
    assert ("where",) in seen


def test_one_model_shows_its_clips_by_error(tmp_path: Path) -> None:
    explorer = qa.explore(small_run(tmp_path, models=[speaker("new")]))
    assert explorer.b.value == ""
    assert [value for _, value in explorer.listing.options][:2] == ["wifi", "stew"]
    assert ["wrong" in label for label, _ in explorer.listing.options] == [True] * 4 + [False] * 2
    assert ">6 of 7 clips, worst first. Each line: cer, status, clip.<" in explorer.found.value
    explorer.listing.value = HOSTILE
    assert "&lt;script&gt;window" in explorer.pane.value
    assert "<script>window" not in explorer.pane.value


def test_an_error_in_a_callback_is_shown(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = qa.explore(run)

    def fails(*arguments: Any) -> None:
        raise RuntimeError("the disk is <gone>")

    monkeypatch.setattr(explorer.clips, "view", fails)
    explorer.listing.index = 1
    assert "RuntimeError: the disk is &lt;gone&gt;" in explorer.problem.value
    monkeypatch.undo()
    explorer.listing.index = 2
    assert explorer.problem.value == ""


def test_a_clip_whose_audio_is_gone_is_still_shown(tmp_path: Path) -> None:
    run = small_run(tmp_path)
    (tmp_path / "clips" / "stew.wav").unlink()
    explorer = qa.explore(run)
    explorer.listing.value = "stew"
    assert "No player: " in explorer.pane.value
    assert "turnips" in explorer.pane.value


def notebook(path: Path, *cells: str) -> None:
    import nbformat.v4 as nb

    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    made = nb.new_notebook(cells=[nb.new_code_cell(cell) for cell in cells], metadata={"kernelspec": kernel})
    path.write_text(json.dumps(made), "utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """A JupyterLab on loopback with folders of its own; gives the address to open, its token included."""
    config = folder / "config"
    (config / "labconfig").mkdir(parents=True)
    quiet = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (config / "labconfig" / "page_config.json").write_text(json.dumps(quiet), "utf-8")
    homes = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    port, token = free_port(), secrets.token_hex(16)
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder / "work",
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": token,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
    }
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
    with open(folder / "lab.log", "wb") as log:
        server = subprocess.Popen(
            command, env=os.environ | homes | {"IPYTHONDIR": str(folder / "ipython")}, stdout=log, stderr=log
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api?token={token}", server, folder / "lab.log")
            yield f"http://127.0.0.1:{port}/lab/tree/seen.ipynb?token={token}&reset"
        finally:
            server.terminate()
            server.wait(20)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text('utf-8')[-3000:]}")


@pytest.mark.browser
def test_the_explorer_works_in_jupyterlab(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    notebook(tmp_path / "work" / "seen.ipynb", SETUP)
    with jupyterlab(tmp_path) as address, browser() as chromium:
        watched = Watched(chromium.new_page(viewport={"width": 1400, "height": 1300}))
        page = watched.page
        page.set_default_timeout(60_000)
        page.goto(address)
        run_all(page)
        page.wait_for_selector(".qa-explorer .qa-pane audio, .jp-OutputArea-output[data-mime-type*='error']")
        assert page.locator(".jp-OutputArea-output[data-mime-type*='error']").all_inner_texts() == []
        drive(page)
        assert page.evaluate("typeof window.pwned") == "undefined"
    assert watched.outside("http://127.0.0.1:", "ws://127.0.0.1:") == []
    assert [said for said in watched.complaints if "qa" in said.lower() or "widget" in said.lower()] == []


def run_all(page: Any) -> None:
    """Run All, once the kernel is there: before, JupyterLab calls itself idle too, and would ask for one."""
    page.locator("#jp-main-statusbar", has_text="Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def drive(page: Any) -> None:
    """Acts as a person at the controls would."""
    explorer = page.locator(".qa-explorer")
    options = explorer.locator("select[multiple] option, .widget-select select option")
    everything = options.count()
    assert everything == 6
    assert explorer.locator(".qa-pane .qa-said .qa-del").all_inner_texts() == ["帮我"]
    explorer.get_by_label("Status").select_option("improved")
    page.wait_for_function(
        "many => document.querySelectorAll('.qa-explorer .widget-select select option').length < many", arg=everything
    )
    options.filter(has_text="aliyun").first.wait_for(state="attached")
    explorer.locator(".widget-select select").select_option(index=0)
    explorer.locator(".qa-pane h3", has_text="aliyun").wait_for()
    assert explorer.locator(".qa-pane .qa-sub ins").first.inner_text() == "啊哩"
    played = explorer.locator("audio").evaluate(PLAYS)
    assert played["error"] is None
    assert 1.9 < played["duration"] < 2.3
    assert played["time"] > 0.1
    explorer.get_by_label("Status").select_option("all")
    page.wait_for_function(
        "many => document.querySelectorAll('.qa-explorer .widget-select select option').length === many", arg=everything
    )
    place = options.all_inner_texts().index(next(text for text in options.all_inner_texts() if "script" in text))
    explorer.locator(".widget-select select").select_option(index=place)
    explorer.locator(".qa-pane h3", has_text="<script>").wait_for()
