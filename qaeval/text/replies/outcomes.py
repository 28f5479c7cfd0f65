"""What kind of reply a model gave: ``empty``, ``refused``, ``looped``, ``off_language``, ``unparsed`` or ``answered``.

The first that applies, in this order. All are scored, and as they are said, but for a refusal to transcribe: it says
nothing of the clip, so all of the reference is missing and its words are no insertions. The outcome stands beside the
score and explains it: a rate without looped replies is that of ``scores[scores["outcome"] != "looped"]``.

``empty``
    Nothing but white space, or (for ``text``) an introduction with nothing in it, or a statement that nothing is said.
``refused``
    The reply begins by saying that the model cannot listen, transcribe or answer ("抱歉，我无法识别这段音频",
    "I'm sorry, but I can't process audio"), or is no more than that the recording is too poor for it ("The audio is
    too unclear to transcribe"). Only where no introduction was unwrapped and no span or label was read: a
    clip that says "I'm sorry" or "我听不清你说什么" is not a refusal, so an apology alone is none either. For spans and
    labels, where the words of the clip are no answer, it is also one to say that it cannot be told ("无法判断年龄").
``looped``
    A unit of up to 50 tokens (Chinese characters, words; no punctuation) comes at least four times in a row and that
    stretch has at least 16 tokens: 嗯，然后呢，嗯，然后呢，嗯，然后呢 ... but not "no no no no". Where the true text is
    known also: the text has more than three times its tokens and ten, and at least half of its runs of three tokens
    come more than once (loops that vary; a long remark is none).
``off_language``
    (For ``text``, where the language is known.) The text has at least ten letters and they are of another script: for
    zh and yue less than a tenth are Chinese characters, or more than a fifth are kana; for ja less than a tenth are
    kana or Chinese characters, or none is kana; for the others more than half are Chinese characters or kana, or, for
    those written in Latin letters (`LATIN`), not Latin. Two languages of one script are not told apart.
``unparsed``
    The field was not found in the reply.
``answered``
    None of these.

People refuse, repeat themselves and change languages too. So where the true text is known, a reply is not
``refused``, ``looped`` or ``off_language`` if at least half of the longer text's tokens agree with it in order; nor is
it ``refused`` or ``off_language`` where the true text would be.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from qaeval.text.alignment import count
from qaeval.text.normalising.cleaning import bare, fold
from qaeval.text.replies.refusals import declines, may_refuse, refuses
from qaeval.text.replies.unwrap import unwrap
from qaeval.text.tokens import UNSPACED, count_cjk, mixed
from qaeval.types import Annotation

LONGEST_UNIT = 50
LEAST_REPEATS = 4
LEAST_STRETCH = 16
LONGER = 3, 10
"""More tokens than three times those of the true text and ten: too many, if they repeat."""

_IN_A_STRETCH = LEAST_STRETCH * (LEAST_REPEATS - 1) // LEAST_REPEATS  # so many tokens of it were there before
_REPEATED = 5  # in a loop of either kind at least so many tokens were there before
_KANA = re.compile("[\u3041-\u30fa\u30fc-\u30ff\uff66-\uff9f]")
_HAN = re.compile("[\u4e00-\u9fff\u3000-\u3002\u2018-\u201d\u2026，。？！、；：（）《》 ]*+")
_LATIN_CODES = "en fr it es de pt nl ca gl eu ro pl cs sk sl hr hu fi et sv da no nb nn is lt lv id ms tl tr vi"
LATIN = frozenset(_LATIN_CODES.split())
"""Languages (codes) that are written in Latin letters."""

_LATIN_LETTER = re.compile("[A-Za-z\u00aa-\u02af\u1e00-\u1eff]")
_HAN_LANGUAGES = ("zh", "yue", "")
_LETTERS = bytes(ord(low) if (low := chr(byte).lower()).isalnum() else 32 for byte in range(128)) + bytes(128)


def outcome(
    reply: str, annotation: Annotation, field: str, language: str = "", reference: Annotation | None = None
) -> str:
    """The outcome of a reply for one field (``text``, ``events`` or a label), given what was parsed from it.

    ``reference`` is the truth, where there is one: words that were said in the clip make no reply a refusal or a loop.

    >>> outcome("这段音频说的是:'I'm sorry'", Annotation(text="I'm sorry"), "text", "en")
    'answered'
    >>> outcome("抱歉，我无法识别这段音频。", Annotation(text="抱歉，我无法识别这段音频。"), "text", "zh")
    'refused'
    >>> song = Annotation(text="row row row your boat " * 4)
    >>> outcome(song.text, song, "text", "en"), outcome(song.text, song, "text", "en", reference=song)
    ('looped', 'answered')
    >>> outcome("The cat sat on the mat.", Annotation(text="The cat sat on the mat."), "text", "zh")
    'off_language'
    >>> outcome("I don't know.", Annotation(), "events"), outcome("无法判断年龄。", Annotation(), "age")
    ('unparsed', 'refused')
    """
    if field != "text":
        return _of_field(reply, annotation, field)
    text, true = annotation.text or "", (reference.text or "") if reference else ""
    if not text.strip() or not reply.strip():
        return "empty"
    if text == true:
        return "answered"
    if may_refuse(reply) and _refused(reply, true):
        said = "refused"
    elif _is_ordinary(text, true, language):
        return "answered"
    elif loops(text, true):
        said = "looped"
    elif is_off_language(text, language) and not is_off_language(true, language):
        said = "off_language"
    else:
        return "answered"
    return "answered" if true and resembles(text, true) else said


def _is_ordinary(text: str, true: str, language: str) -> bool:
    """Whether a plain text is clearly no loop and in no other script; most are done here."""
    tokens: Sequence[bytes] | str
    if text.isascii() and language not in UNSPACED:
        tokens = _ascii_words(text)
    elif language in _HAN_LANGUAGES and _HAN.fullmatch(text):
        tokens = text
    else:
        return False
    repeated = len(tokens) - len(set(tokens))
    return repeated < _REPEATED or (repeated < _IN_A_STRETCH and len(tokens) <= LONGER[1] + LONGER[0] * _least(true))


def _ascii_words(text: str) -> list[bytes]:
    """The runs of letters and digits, without case."""
    return text.encode("ascii").translate(_LETTERS).split()


def _least(true: str) -> int:
    """How many tokens a text has at least, where that is plain: ASCII, or Chinese characters and a mark behind them."""
    if true.isascii():
        return len(_ascii_words(true))
    return len(true) - 1 if _HAN.fullmatch(true) and true[:-1].isalpha() else 0


def _of_field(reply: str, annotation: Annotation, field: str) -> str:
    if not reply.strip():
        return "empty"
    if not annotation.has(field) and (refuses(reply) or declines(reply)):
        return "refused"
    if loops(reply):
        return "looped"
    return "answered" if annotation.has(field) else "unparsed"


def _refused(reply: str, true: str) -> bool:
    return refuses(reply) and not unwrap(reply).rule and not refuses(true)


def resembles(text: str, true: str) -> bool:
    """Whether at least half of the longer text's tokens (Chinese characters, words) agree, in order.

    >>> resembles("I'm sorry, I can't hear", "i'm sorry i can't hear you"), resembles("no " * 40, "no no no no")
    (True, False)
    """
    ours, theirs = _tokens(text), _tokens(true)
    return count(theirs, ours).hits * 2 >= max(len(ours), len(theirs))


def loops(text: str, true: str = "") -> bool:
    """Whether a text repeats itself: see the module's text for the rules; ``true`` is what was said, where known.

    >>> loops("嗯，然后呢，" * 5), loops("no no no no")
    (True, False)
    >>> varied = "然后呢嗯然后呢啊然后呢，嗯然后呢，嗯然后呢啊"
    >>> loops(varied), loops(varied, "然后")
    (False, True)
    """
    if _repeats_little(text):
        return False
    tokens = _tokens(text)
    return _has_stretch(tokens) or (bool(true) and _runs_on(tokens, len(_tokens(true))))


def _tokens(text: str) -> list[str]:
    return mixed(bare(fold(text)))


def _repeats_little(text: str) -> bool:
    """Whether a plain text has too few tokens that were there before; of others it is not told (False).

    In such a text a token is one character, or is told by its first run of letters and digits.
    """
    if text.isascii():
        runs = _ascii_words(text)
        return len(runs) - len(set(runs)) < _REPEATED
    return len(text) - len(set(text)) < _REPEATED and _HAN.fullmatch(text) is not None


def _has_stretch(tokens: list[str]) -> bool:
    # Such a stretch has at most a quarter of its tokens as distinct ones: most texts are done here.
    if len(tokens) - len(set(tokens)) < _IN_A_STRETCH:
        return False
    return any(_repeats(tokens, unit) for unit in range(1, min(LONGEST_UNIT, len(tokens) // LEAST_REPEATS) + 1))


def _repeats(tokens: list[str], unit: int) -> bool:
    needed, run = max(LEAST_STRETCH, LEAST_REPEATS * unit) - unit, 0
    for earlier, later in zip(tokens, tokens[unit:], strict=False):
        run = run + 1 if earlier == later else 0
        if run >= needed:
            return True
    return False


def _runs_on(tokens: list[str], true: int) -> bool:
    times, more = LONGER
    if len(tokens) <= times * true + more:
        return False
    runs = Counter(zip(tokens, tokens[1:], tokens[2:], strict=False))
    return 2 * sum(number for number in runs.values() if number > 1) >= runs.total()


def is_off_language(text: str, language: str) -> bool:
    """Whether a text is in a script that its language is not written in: see the module's text for the rule.

    >>> is_off_language("これはペンです、ありがとう", "zh"), is_off_language("我用iPhone", "zh")
    (True, False)
    """
    if not language or len(text) < 10:
        return False
    if _HAN.fullmatch(text) if language in ("zh", "yue") else language != "ja" and text.isascii():
        return False
    letters = sum(map(str.isalpha, text))
    if letters < 10:
        return False
    kana = len(_KANA.findall(text))
    chinese = count_cjk(text) - kana
    if language in ("zh", "yue"):
        return chinese < letters / 10 or kana > letters / 5
    if language == "ja":
        return kana + chinese < letters / 10 or kana == 0
    if language in LATIN and len(_LATIN_LETTER.findall(text)) < letters / 2:
        return True
    return kana + chinese > letters / 2
