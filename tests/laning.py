"""What the tests of lanes, pacing and budgets share."""

import collections
import threading

from clips import samples

import qaeval as qa
from qaeval import runner, tasks
from qaeval.runner.requests import Plan
from qaeval.runner.retrying import Retries
from qaeval.store import replies as stored
from qaeval.store.folder import RunFolder
from qaeval.types import AudioLimits, Prices, Reply

QUICK = Retries(base=0.001, cap=0.002, patience=0.2)
USAGE = {"input_tokens": 10, "audio_tokens": 25, "output_tokens": 5, "total_tokens": 40}


def go(tmp_path, *models, count=6, out="run", params=None, **options):
    """A run, with the runner's own options; its folder."""
    folder = RunFolder(tmp_path / out)
    task = tasks.find("transcribe")
    names = ("name", "endpoint", "reads_prompt", "facts")

    def save(changes):
        old = folder.read_info() if folder.info_path.exists() else {"models": []}
        known = {model["name"]: model for model in old["models"]}
        known |= {model.name: {name: getattr(model, name) for name in names} for model in models}
        info = {"dataset": {"name": "samples"}, "tasks": {}, "models": list(known.values())}
        folder.write_info(info | changes)

    plan = Plan([(task, task.prompts[:1])], params=params or {})
    clips = samples(tmp_path / "clips", count)
    runner.execute(clips, plan, models, folder, save_info=save, **{"progress": False, "retries": QUICK} | options)
    return folder


def records(folder, model=None):
    return [record for record in stored.read(folder.replies) if model in (None, record["model"])]


def log(folder):
    return (folder.path / "run.log").read_text("utf-8")


class Flaky:
    """An ask that raises what it is given, one after the other for each clip, and then answers."""

    def __init__(self, *errors):
        self.errors = errors
        self.asked = collections.Counter()
        self._lock = threading.Lock()

    def __call__(self, request):
        with self._lock:
            self.asked[request.audio.name] += 1
            made = self.asked[request.audio.name]
        if made <= len(self.errors):
            raise self.errors[made - 1]
        return Reply(f"'answer {made}'", usage=USAGE)


def service(name, ask, **options):
    """A model as those of a service are: it counts tokens and has prices."""
    hears = AudioLimits(tokens_per_second=25, least_tokens=25)
    prices = Prices(text_in=1, audio_in=10, text_out=4)
    return qa.Model(name, ask, **{"endpoint": "openai", "hears": hears, "prices": prices, "max_output": 100} | options)


def spent(folder):
    return sum(record["usage"].get("total_tokens", 0) for record in records(folder))
