"""Which keys of an object, or headings of a table, tell an onset, an offset, a duration, a time, or what is heard."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

ONSETS = frozenset(("onset", "start", "begin", "beginning", "from", "开始", "起始", "起点", "起"))
OFFSETS = frozenset(("offset", "end", "stop", "finish", "until", "to", "结束", "终止", "截止", "终点", "止"))
LENGTHS = frozenset(("duration", "length", "持续", "时长"))
UNREAL = frozenset(
    ("found", "present", "occurs", "exists", "detected", "存在", "出现", "是否出现", "是否存在")
)  # of false: none
_WHEN = frozenset(
    (
        "",
        "s",
        "range",
        "span",
        "spans",
        "interval",
        "segment",
        "period",
        "occurrence",
        "段",
        "戳",
        "区间",
        "范围",
        "位置",
    )
)
_LABELS = (
    *(
        "label",
        "event",
        "sound",
        "word",
        "class",
        "category",
        "name",
        "type",
        "text",
        "description",
        "caption",
        "query",
    ),
    *("事件", "声音", "标签", "类别", "类型", "名称", "内容", "词", "文本", "描述"),
)
_UNIT = re.compile(r"(?:_|\b|(?<=[\u4e00-\u9fff]))(?:in_?)?(?:ms|milliseconds?|s|secs?|seconds?|毫秒|秒)\Z")
_MILLISECONDS = re.compile(r"(?:_|\b)(?:ms|milliseconds?)\Z|[\d\u4e00-\u9fff]ms\Z|毫秒\Z|\((?:ms|毫秒)\)\Z")
_TIME = re.compile(r"(?:time)?stamps?|times?|时间|时刻")


def folded(key: Any) -> str:
    """One width and case, words of ``camelCase`` apart.

    >>> folded("startTime"), folded("起始（秒）")
    ('start_time', '起始(秒)')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", unicodedata.normalize("NFKC", str(key))).casefold().strip()


def name(key: str) -> str:
    """A folded key without its unit and the word time.

    >>> name("start_time_ms"), name("起始时间(秒)"), name("timestamp")
    ('start', '起始', '')
    """
    return _TIME.sub("", _UNIT.sub("", key.rstrip(")")).rstrip(" _(")).strip(" _()")


def in_milliseconds(key: str) -> bool:
    """Whether a folded key says that its number is one of milliseconds."""
    return _MILLISECONDS.search(key) is not None


def tells_when(key: str) -> bool:
    """Whether a folded key is the word time, or one for a stretch of it.

    >>> tells_when("time_range"), tells_when("时间段"), tells_when("range")
    (True, True, False)
    """
    return _TIME.search(key) is not None and name(key) in _WHEN


def telling_what(keys: Iterable[str]) -> list[str]:
    """The folded keys that tell what is heard, the plainest first.

    >>> telling_what(["onset", "event_label", "sound"])
    ['sound', 'event_label']
    """
    told = [key for key in keys if key.endswith(_LABELS)]
    return sorted(told, key=lambda key: _LABELS.index(key) if key in _LABELS else len(_LABELS))
