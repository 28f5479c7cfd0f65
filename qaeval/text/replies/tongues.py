"""Which language a text is written in, as far as its script and its commonest words tell.

Scripts tell Chinese, Japanese and European languages apart (`qaeval.text.replies.outcomes`). English, French, Italian,
Spanish and German are told by words that are among the commonest of one of them and no word of the others. No model, so
a text of few words, or of names, remains untold: then nothing is said.
"""

from __future__ import annotations

import re

from qaeval.text.replies.outcomes import is_off_language

_COMMON = {
    "en": "the of and you that it with for this have be are was not they what your can will would there about which",
    "fr": "les des est vous je nous pas une dans pour qui avec sur mais être c'est ce cette aux où votre très peut",
    "it": "il che di è non gli sono della per ho ti questo anche più ma come del nella puoi essere molto perché dei",
    "es": "el los las y una del que por no es lo muy pero está con para usted más también puede como sus qué hay",
    "de": "der die und das ich nicht ist sie ein eine zu mit auf für es den dem wir auch sich von werden können sind",
}
_OWN = {
    language: frozenset(words.split())
    - {word for other, more in _COMMON.items() if other != language for word in more.split()}
    for language, words in _COMMON.items()
}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LEAST = 3
"""Words of another language's own that are needed to say that a text is written in it."""


def is_other_tongue(text: str, language: str) -> bool:
    """Whether a text is written in another language than the one of that code; False where that cannot be told.

    By script as `is_off_language` does; among English, French, Italian, Spanish and German if at least `LEAST` words
    are another one's own, and more than twice as many as this one's. Written Chinese is one for Mandarin and Cantonese.

    >>> is_other_tongue("Je vous conseille de lire dans une bibliothèque.", "en")
    True
    >>> is_other_tongue("Bonjour!", "en"), is_other_tongue("I like the Champs-Élysées.", "en")
    (False, False)
    """
    if is_off_language(text, language):
        return True
    if language not in _OWN:
        return False
    words = [word.replace("’", "'") for word in _WORD.findall(text.casefold())]
    counts = {name: sum(word in own for word in words) for name, own in _OWN.items()}
    most = max(count for name, count in counts.items() if name != language)
    return most >= LEAST and most > 2 * counts[language]
