"""Time stamps and numbers of speakers before the lines of a transcript: ``[00:02] Speaker 1: hello`` says hello.

They are taken off only where every line has one, so that a line in which a time or a speaker is spoken of stays:
``12:30 is fine with me``. A time without brackets counts if the
first is 0:00 and further lines follow. Names are what may be said (``Man: ...``, ``User: admin``) and stay.
"""

from __future__ import annotations

import re

_TIME = r"(?:(?:\d{1,2}:)?\d{1,3}:\d{2}(?:[.,]\d{1,3})?|\d{1,5}(?:\.\d{1,3})?\s?(?:s|秒))"
_SPAN = rf"{_TIME}\s?(?:-->|[-–—~]|to|至|到)\s?{_TIME}"
_STAMP = rf"[\[(（【]\s?(?:{_SPAN}|{_TIME})\s?[\])）】]"
_SPEAKER = r"(?:speaker|spk|说话人|说话者|发言人|說話人|講者|話者)[ _]?(?:\d{1,2}|[A-Z一二三四五六七八九十](?![^\W_]))"
_LABEL = re.compile(
    rf"""[*_]{{0,3}}(?:
    {_STAMP}[*_]{{0,3}}\s{{0,3}}[:：]?\s{{0,3}}[*_]{{0,3}}(?:{_SPEAKER}\s?[*_]{{0,3}}[:：])?
    |{_SPEAKER}\s?(?:{_STAMP})?\s?[*_]{{0,3}}[:：]
    |\[{_SPEAKER}\][:：]?
    )[*_]{{0,3}}[ \t]*""",
    re.IGNORECASE | re.VERBOSE,
)
_CUE = re.compile(rf"(?:\d{{1,5}}\n)?{_TIME}\s?-->\s?{_TIME}(?:[ \t]+\w{{1,20}}:[^\s]{{1,20}}){{0,6}}[ \t]*(?:\n|\Z)")
_BEGINS = re.compile(r"(?:00:)?0?0:00(?!\d)")
_BARE = re.compile(rf"(?:{_SPAN}|{_TIME})(?:\s?[:：][ \t]*|[ \t]+)")
_HEAD = re.compile(r"WEBVTT[^\n]{0,60}\n\s*")


def without_cues(text: str) -> str | None:
    r"""The lines of a transcript without what labels each of them; None where not all have a label.

    >>> without_cues("[00:00] Hi.\n[00:02] Speaker 2: Hello."), without_cues("12:30 is fine with me")
    ('Hi.\nHello.', None)
    >>> without_cues("1\n00:00:00,000 --> 00:00:02,000\nHi.\n\n2\n00:00:02,000 --> 00:00:04,000\nHello.")
    'Hi.\nHello.'
    """
    head = _HEAD.match(text)
    start = head.end() if head else 0
    if _CUE.match(text, start):
        return _of_subtitles(text[start:])
    label_of = _BARE if _BEGINS.match(text) and "\n" in text else _LABEL
    if not label_of.match(text):
        return None
    said = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if not (label := label_of.match(line)):
            return None
        said.append(line[label.end() :])
    return "\n".join(said)


def _of_subtitles(text: str) -> str | None:
    """What subtitles (SRT, WebVTT) say: blocks with a span of time, each on a line of its own."""
    said = []
    for block in filter(None, map(str.strip, re.split(r"\n[ \t]*\n", text))):
        if not (cue := _CUE.match(block)):
            return None
        said.append(block[cue.end() :])
    return "\n".join(filter(None, said))
