"""How published evaluations of Chinese speech recognition read digits, quirks included.

The rules of the script cn_tn.py (Zhiyang Zhou, Jiayu Du), which the SpeechIO leaderboard and the evaluation of
Qwen2-Audio use, with its options off; written anew from a description of them, and compared with it on the cases of the
tests only. Quirks that are kept: a minus is lost (-5度), commas cut numbers (20,000 is 二十 and nothing), 2个 is 二个,
full-width digits are misread, ￥ stays. See `qaeval.text.normalising.chinese` for better ones.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Callable

_DIGITS = "零一二三四五六七八九"
_UNITS: tuple[tuple[int, str], ...] = tuple(zip(range(44, 8, -4), "载正涧沟穰秭垓京兆", strict=True))
_UNITS += ((8, "亿"), (4, "万"), (3, "千"), (2, "百"), (1, "十"))

_SCALES = "亿|千万|百万|万|千|百"
_MONEY = f"(?:(?:{_SCALES})元?|(?:{_SCALES})?块|角|毛|分)"
_COUNTED = (
    "匹张座回场尾条个首阙阵网炮顶丘棵只支袭辆挑担颗壳窠曲墙群腔砣客贯扎捆刀令打手罗坡山岭江溪钟队单双对根出口头脚板跳枝件贴针线管名位身堂"
    "课本页家户层丝毫厘分钱两斤铢石钧锱忽寸尺丈里寻常铺程撮勺合升斗盘碗碟叠桶笼盆盒杯斛锅簋篮罐瓶壶卮盏箩箱煲啖袋钵年月日季刻时周天秒旬"
    "纪岁世更夜春夏秋冬代伏辈丸泡粒幢堆道面片块"
)
_COUNTER = f"(?:[{_COUNTED}]|[千毫微]克|[千分厘毫]?米)"
_PUNCTUATION = "！？｡。＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃《》「」『』【】〔〕〖〗"
_PUNCTUATION += "〘〙〚〛〜〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏"
_LONG = 5000
"""Characters from which on digits are replaced where they were found: a looping model's."""

_SPACES = str.maketrans(dict.fromkeys(_PUNCTUATION + string.punctuation, " "))


def read(text: str) -> str:
    """The text with its digits read and its punctuation as spaces.

    >>> [read(text) for text in ("我有23个苹果", "-5度", "20,000", "2个", "２０２４年", "比分3:2")]
    ['我有二十三个苹果', ' 五度', '二十 ', '二个', '两千零百二十四年', '比分三 二']
    """
    text = f"^{text}$"
    for pattern, said in _RULES:
        if said is _percent:
            text = text.replace("％", "%")
        if len(text) > _LONG:
            text = pattern.sub(functools.partial(_in_place, said), text)
            continue
        for found in [match[1] for match in pattern.finditer(text) if match[1]]:
            text = text.replace(found, said(found), 1)  # the first there is, wherever it was found
    return _BETWEEN_LETTERS.sub(r"\g<1>2\2", text).lstrip("^").rstrip("$").translate(_SPACES)


def _in_place(said: Callable[[str], str], match: re.Match[str]) -> str:
    start, end = match.span(1)
    text = match.string
    return text[match.start() : start] + (said(match[1]) if match[1] else "") + text[end : match.end()]


def _spelled(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _cardinal(number: str) -> str:
    whole, _, parts = number.partition(".")
    said = _named(whole) if len(whole) > 1 else _spelled(whole)
    said = _TWO.sub("两", said) + (f"点{_spelled(parts)}" if parts else "")
    return said[1:] if said.startswith("一十") else f"零{said}" if said.startswith("点") else said


def _named(digits: str) -> str:
    """With units; nothing for zeros, one 零 before a last digit that stands apart."""
    left = digits.lstrip("0")
    if len(left) < 2:
        return ("零" if left and len(digits) > 1 else "") + _spelled(left)
    power, unit = next((power, unit) for power, unit in _UNITS if power < len(left))
    return f"{_named(digits[:-power])}{unit}{_named(left[-power:])}"


def _date(date: str) -> str:
    year, _, rest = date.rpartition("年")
    month, _, day = rest.rpartition("月")
    said = f"{_spelled(year)}年" if year else ""
    said += f"{_cardinal(month)}月" if month else ""
    return said + (f"{_cardinal(day[:-1])}{day[-1]}" if day else "")


def _money(money: str) -> str:
    return _NUMBER.sub(lambda number: _cardinal(number[0]), money)


def _mobile(number: str) -> str:
    return "".join(map(_spelled, number.strip("+").split()))


def _landline(number: str) -> str:
    return _spelled(number.replace("-", ""))


def _fraction(fraction: str) -> str:
    numerator, _, denominator = fraction.partition("/")
    return f"{_cardinal(denominator)}分之{_cardinal(numerator)}"


def _percent(percent: str) -> str:
    return f"百分之{_cardinal(percent.strip('%'))}"


_NUMBER = re.compile(r"\d++(?:\.\d++)?+")
_TWO = re.compile("(?:(?<=^)|(?<=[百千万亿兆京垓秭穰沟涧正载]))二(?=[百千万亿兆京垓秭穰沟涧正载])")
_BETWEEN_LETTERS = re.compile("(?<![a-zA-Z])([a-zA-Z]++)二([a-zA-Z]++)")
_RULES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(r"\D((?:(?:[089]\d|(?:19|20)\d\d)年)?(?:\d{1,2}月(?:\d{1,2}[日号])?)?)"), _date),
    (re.compile(rf"\D(\d+(?:\.\d+)?[多余几]?{_MONEY}(?:\d{_MONEY}?)?)"), _money),
    (re.compile(r"\D((?:\+?86 ?)?1(?:[38]\d|5[0-35-9]|7[678]|9[89])\d{8})\D"), _mobile),
    (re.compile(r"\D((?:0(?:10|2[1-3]|[3-9]\d\d)-?)?[1-9]\d{6,7})\D"), _landline),
    (re.compile(r"(?<!\d)(\d++/\d++)"), _fraction),
    (re.compile(r"(?<!\d)(\d++(?:\.\d++)?+%)"), _percent),
    (re.compile(rf"(?<!\d)(\d+(?:\.\d+)?)[多余几]?{_COUNTER}"), _cardinal),
    (re.compile(r"(\d{4,32})"), _spelled),
    (re.compile(r"(\d++(?:\.\d++)?+)"), _cardinal),
)
