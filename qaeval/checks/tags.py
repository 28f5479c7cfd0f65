"""Codes of languages that are none: those of countries, mostly, under which no profile would know a text."""

from __future__ import annotations

from qaeval.text.profiles import LANGUAGES

_TWO_LETTERS = (
    " aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el "
    "en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it iu "
    "iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms "
    "mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl "
    "sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za "
    "zh zu "
)
"""ISO 639-1 (IANA language subtag registry, deprecated codes included). Codes of three letters are too many to list."""
_MEANT = {"cn": "zh", "jp": "ja", "hk": "yue", "us": "en", "gb": "en", "au": "en", "at": "de", "mx": "es", "dk": "da"}
"""The language that a country's code, which is no language's, most likely stands for."""


def odd_language(code: str) -> str:
    """What is odd about a language's code; ``""`` for one that is known, of three letters, or none.

    >>> odd_language("cn")
    "'cn' is no language's code; did you mean 'zh'?"
    >>> odd_language("sw"), odd_language("nan"), odd_language("")
    ('', '', '')
    """
    if len(code) != 2 or f" {code} " in _TWO_LETTERS:
        return ""
    hint = f"did you mean {_MEANT[code]!r}?" if code in _MEANT else f"texts are scored in {', '.join(LANGUAGES)}"
    return f"{code!r} is no language's code; {hint}"
