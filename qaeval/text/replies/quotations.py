"""Quotations in a reply: where the one at its start ends, though the text in it may hold marks and apostrophes."""

from __future__ import annotations

import re

MARKS = {"'": "'’", '"': '"”', "‘": "’'", "“": '”"', "「": "」", "『": "』", "«": "»"}
"""Each mark that opens a quotation, with those that close it."""

_ANY = {mark: re.compile(f"[{mark}{closing}]") for mark, closing in MARKS.items()}

_STRAIGHT = re.compile('"')

STOP = r"[,，.。;；、!！?？]"
_END = re.compile(rf"\s*+{STOP}*\s*\Z")
_AFTER = re.compile(rf"\s*+(?:{STOP}|\Z|です|[(（][^()（）]*+[)）]{STOP}*\s*\Z)")
_REMARK = re.compile(
    r"""\s*+(?:(?:哦|嗯|那)[,，]?)?(?:如果|要是|若|(?:你|您)(?:要是|如果|还有)|希望[^,，。\n]{0,6}帮助|(?:请问)?还有(?:什么|其他)
    |请问|有(?:什么|任何)[^,，。\n]{0,8}(?:问题|需要))""",
    re.VERBOSE,
)
_ATTRIBUTES = re.compile(
    rf"""\s*+(?:说话者|说话人|\(?spoken\s+(?:by|in)\b|(?:which\s+(?:means|translates)|meaning)\b
     |followed\s+by\s+(?:\w+\s+){{0,2}}(?:music|noise|applause|laughter|silence|sounds?)\b)
    |(?:\s*+{STOP}|(?<=[,，.。!！?？…]['’"”」』»]))\s*+(?:该|这位|[他她]的|(?:and\s+)?(?:the|his|her)\s+)?
     (?:说话|讲话者|男声|女声|男性|女性|性别|年龄|语言|方言|口音|情绪|语气|语调|语速|听起来
    |用的?是|使用[^,，。]{{0,8}}[话语]|speaker\b|voice\b|tone\b|accent\b|language\b|spoken\b|said\s+(?:by|in)\b
    |(?:[中英日粤][文语]|普通话)?的?(?:翻译|意思是)
    |which\s+(?:means|translates)\b|in\s+an?\s+(?:\w+\s+){{1,2}}(?:voice|tone|mood|accent)\b)
    |\s*+(?:and\s+)?(?:its|the)\s+(?:english\s+|chinese\s+)?translation\b""",
    re.IGNORECASE | re.VERBOSE,
)
_OFFER = re.compile(
    rf"\s*+{STOP}*\s*+(?:(?:would\s+you\s+like|do\s+you\s+want)\s+me\s+to\b|(?:请问)?[您你]?(?:是否)?需要我)[^\n]{{0,80}}\Z",
    re.IGNORECASE,
)
_APOSTROPHES = ("'", "‘")
_CLOSING_APOSTROPHE = re.compile("['’]")
_OPENS = re.compile(r'(?<=[\s(（:：,，])"(?=[^\s,，.。!！?？;；])')
_SEVERAL = re.compile(
    r"""['’]\s*[,，、]?\s*(?:(?:and|then|followed\s+by)\b|和|然后|接着|以及)[^'’"”]{0,20}
    (?<![A-Za-z])['‘](?=[^\s,，.。!！?？;；])""",
    re.IGNORECASE | re.VERBOSE,
)
_BETWEEN_LETTERS = re.compile(r"(?<=[A-Za-z\u00c0-\u024f])['’](?=[A-Za-z\u00c0-\u024f])")


def after_colon(body: str) -> str:
    """What follows an introduction and is not one quotation: all of it, but for a mark at its start that none closes.

    >>> after_colon('"Hi" and then "bye"'), after_colon('"Hi and then')
    ('"Hi" and then "bye"', 'Hi and then')
    """
    closed = _SEVERAL.search(body, 1) if body[0] in _APOSTROPHES else set(body[1:]) & set(MARKS[body[0]])
    return body if closed else body[1:]


def quoted(body: str, to_the_end: bool = False) -> str | None:
    """What the mark at the start opens, if attributes or what may follow come next, and no further quotation.

    What may follow is punctuation, the end, or after the end of a sentence a remark; with ``to_the_end`` only the end
    or an offer.

    >>> quoted("'it's so',说话者为男性"), quoted('"Hi." Anything else?'), quoted('"Hi" and "bye"')
    ("it's so", 'Hi.', None)
    """
    after = _END if to_the_end else _AFTER
    if body[:1] in _APOSTROPHES:
        return _in_apostrophes(body, after)
    end = _end_of_quotation(body)
    if end is None:
        return None
    if _ATTRIBUTES.match(body, end + 1):
        return body[1:end]
    if set(body[end + 1 :]) & {body[0], *MARKS[body[0]]}:
        return None
    return body[1:end] if _may_end(body, end, after) else None


def _may_end(body: str, place: int, after: re.Pattern[str]) -> bool:
    """Whether a quotation may end at a mark: what may follow does, or it ends a sentence and a remark follows."""
    if after.match(body, place + 1) or _OFFER.match(body, place + 1):
        return True
    if after is not _AFTER or body[place - 1] not in ".!?。！？…":
        return False
    return body[place + 1 : place + 2].isspace() or _REMARK.match(body, place + 1) is not None


def _in_apostrophes(body: str, after: re.Pattern[str]) -> str | None:
    """Up to the mark before attributes, else to the last before what may follow: the text may hold apostrophes."""
    places = [match.start() for match in _CLOSING_APOSTROPHE.finditer(body, 1)]
    for place in places:
        if _ATTRIBUTES.match(body, place + 1):
            return body[1:place]
    if _SEVERAL.search(body, 1):
        return None
    return next((body[1:place] for place in reversed(places) if _may_end(body, place, after)), None)


def _end_of_quotation(body: str) -> int | None:
    """Where the quotation that the mark at the start opens is closed; others may lie in it."""
    depth = 0
    straight = body[0] == '"' and "“" in body  # “...” within "..."
    for match in (_STRAIGHT if straight else _ANY[body[0]]).finditer(body):
        place, char = match.start(), match[0]
        if char == body[0] and (char != '"' or not place or _OPENS.match(body, place)):
            depth += 1
        elif char in MARKS[body[0]]:
            depth -= 1
            if not depth:
                return place
    return None


def quotes(text: str) -> str | None:
    """What quotation marks around a whole reply enclose, if there are none within.

    >>> quotes("“你好”。"), quotes('"Yes," he said, "I know."')
    ('你好', None)
    """
    closing = MARKS.get(text[:1], "")
    end = len(text.rstrip(" .。!！?？,，;；")) - 1
    if end < 1 or text[end] not in closing:
        return None
    # A mark inside means that two quotations stand here, or a quotation and words around it: all of that was said.
    inner = text[1:end]
    return None if set(_BETWEEN_LETTERS.sub("", inner)) & {text[0], *closing} else inner
