"""A loopback server that speaks the protocols of DashScope, its compatible mode and vLLM to unmodified SDKs.

It is no mock: it decodes the audio it is sent, keeps to the catalogue's limits, counts quotas, refuses with the
services' own errors, and answers in prose from an engine on this machine. Every response has the header
``X-Qaeval-Emulator`` and every JSON body a field ``emulator``: what it says is never a model's of a service.

For a reader: `web` has the routes, `service` the way of a request, `access` keys and models, `native` and `compatible`
the protocols (each a `dialect`), `clips` and `uploads` the audio, `limits` and `faults` what stands in the way,
`answers` and `engines` what is said, `outcomes` how it goes back, `statistics` what was counted, `server` the running.
"""

from qaeval.emulator.engines import canned
from qaeval.emulator.faults import FAULTS
from qaeval.emulator.server import app, serve, serving
from qaeval.emulator.settings import Settings

__all__ = ["FAULTS", "Settings", "app", "canned", "serve", "serving"]
