"""What a text names beside what it tells: a topic, somebody's relative, what something is only like, a first guess.

The labels named so give way to others that a text tells; where there are no others, they are what is told ("sounds
similar to Cantonese"). For texts as `qaeval.text.replies.told.told` prepares them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qaeval.text.labels.aliases import Mention
from qaeval.text.replies.denial import outweighed, within

_NEAR = r"(?:(?!\b(?:in|with|and|while|but)\b)[^,.;:!?。\n]){1,60}"
_TOPIC = re.compile(
    rf"""(?:\b(?:talk|speak|speech|chat|convers|discuss|stor|song|lectur|podcast|complain|worr|ask|think|read)\w*\sabout\b
    |\b(?:mention(?:s|ed|ing)?|(?:describ|discuss)(?:es|ed|ing)(?!\sas\b)|(?:learn|study)(?:s|ed|ing)?|studies|studied)\b
    |提到|谈到|谈论|聊到|说起|说到|讲述|描述|介绍|学习|回忆)({_NEAR})""",
    re.VERBOSE,
)
RELATIVE = (
    r"(?:husband|wife|spouse|boyfriend|girlfriend|fianc[eé]e?|father|dad(?:dy)?|mother|mom|mum|parent|son|daughter|brother"
    r"|sister|uncle|aunt|cousin|nephew|niece|grand(?:father|mother|pa|ma|son|daughter|parent|child|dad|mom)|friend|boss"
    r"|colleague|neighbou?r|teacher|child|kid|baby)"
)
RELATIVE_ZH = (
    "(?:丈夫|老公|妻子|老婆|太太|爱人|父亲|母亲|爸爸|妈妈|爸|妈|儿子|女儿|孩子|哥哥|弟弟|姐姐|妹妹|爷爷|奶奶|外公|外婆|姥姥|姥爷"
    "|叔叔|舅舅|姑姑|孙子|孙女|朋友|老板|同事|邻居|老师|同学)"
)
_CONSIDERED = re.compile(r"\bi(?:'ve|\shave|\salso)?\sconsidered([^,.;:!?\n]{1,60}?)(?=\sbut\b|[,.;:!?\n]|\Z)")
_RELATIVE = re.compile(
    rf"""(?:\b(?:his|her|their|my|the\sspeaker's)\s(?:[a-z]+\s){{0,2}}{RELATIVE}s?\b(?P<en>,\s(?:an?|the|who|whom)\b[^,.;:!?\n]{{1,60}})
    |\b(?:mother|father|mom|mum|dad|parent)\sof(?P<of>[^,.;:!?\n]{{1,20}})
    |(?:自己|[他她我]们?|说话者|说话人)的?{RELATIVE_ZH}(?P<zh>[,、]\s?(?:是|一[个位名]|那[个位])[^,。;\n]{{1,30}})
    |(?:[和与跟给]|打给|致电)(?P<call>[^,。;\n]{{1,16}})(?:打|通)(?:了|着)?(?:个|一[个通])?(?:电话|视频)
    |\b(?:on\sthe\sphone|on\sa\scall|phone\scall)\s(?:with|to)(?P<phone>[^,.;:!?\n]{{1,40}}))""",
    re.VERBOSE,
)
_LIKENED = re.compile(
    r"""\b(?:resembl\w+|similar\sto|reminiscent\sof|compared\s(?:to|with)|close\sto|different\sfrom|distinct\sfrom
    |ma(?:de|kes)\s(?:me|one)\sthink\sof|mistaken\sfor|borrowed\sfrom)(?P<en>(?:(?!\b(?:but|while|and\s(?:is|it|he|she|they|the|there))\b)[^,.;:!?\n]){1,40})
    |\bmore\slike\s[^,.;:!?\n]{1,40}?\sthan(?P<than>[^,.;:!?\n]{1,40})
    |[与和跟同](?P<zh>[^,。;\n]{1,12}?)(?:相近|相似|[类近]似|接近|有?[所些]?不同|有区别|有别|相比|无关)
    |(?:不同于|区别于|误认为是?)(?P<unlike>[^,。;\n]{1,12})
    |(?P<small>[^,。;\n]{1,12}?)的?(?:可能性|概率|几率)(?:很|较|更|极|非常|比较|相对)*[小低]
    |(?:\b(?:with|has|some)\s)(?P<influence>(?:[a-z&-]+,?\s){1,5})(?:influences?|undertones?|overtones?)\b
    |\binfluenced\sby(?P<by>[^,.;:!?\n]{1,40})|受(?P<shou>[^,。;\n]{1,12})影响
    |\b(?:unlikely|less\slikely|unrelated)\s(?:to\s(?:be\s)?)(?P<unlikely>[^,.;:!?\n]{1,40})""",
    re.VERBOSE,
)
_CONCEDED = re.compile(
    r"(?<!\bas\s)\b(?:al|even\s)?though\s[^,.;:!?\n]{1,60}|(?:虽然|尽管)[^.。;；!?\n]{1,60}?[,，](?=但|可是|不过|然而|却|仍|实际|其实)"
)
_OF_WHAT = re.compile(
    r"的?(?:故事|消息|新闻|经历|往事|事情|话题|电影)|\s(?:stor(?:y|ies)|news|memor(?:y|ies)|topics?|movies?|jokes?)\b"
)
_HEDGED = re.compile(
    r"\b(?:could|might|may|at first|initially|first thought|possibly|perhaps|would (?:normally|usually|typically)"
    r"|(?:sounds|seems) like)\b"
    r"|(?:听起来|听上去|好)像|类似|可能|乍|起初|一开始|刚开始|以为|看似"
)
_CONCLUDES = re.compile(
    r"""\b(?:but|however|yet)\b[^.;:!?\n]{0,60}?(?<!also\s)\b(?:actually|in\sfact|(?:more|most)\slikely|suggests|indicates|points\sto
    |i\s(?:believe|think)|i(?:'m|\sam)\s(?:\w+ly\s|quite\s)?(?:sure|certain|confident))\b
    |但是?[^,。;\n]{0,12}?(?:实际上|其实|更可能|更像|更倾向|应该是|仔细听|我(?:认为|觉得))""",
    re.VERBOSE,
)
_EXACTLY = re.compile(r"\b(?:more\s)?(?:specifically|precisely)\b|(?:更?(?:具体|准确|确切)地?[说讲来])")
_SENTENCE = re.compile(r"[^.。;；\n]+")
_ABOUT = r"(?:(?:about|approximately|probability|confidence|概率|可能性|置信度|[~约为是:=])\s?){0,3}"
_WEIGHT = re.compile(rf"[\s:(=]{{0,3}}{_ABOUT}(\d{{0,3}}(?:\.\d{{1,4}})?)\s?(%)?")
_WEIGHT_BEFORE = re.compile(
    r"(?<![\d.])(\d{1,3}(?:\.\d{1,4})?)\s?(%)\s?(?:(?:chance|probability|likelihood|likely)\s(?:of\s)?|的?(?:可能|概率)是?)?\Z"
)


def first_guesses(text: str) -> list[tuple[int, int]]:
    """The stretches of a text that name what a sentence then concludes against, in order.

    >>> text = "it could be a, but the rhythm suggests b"
    >>> [text[start:end] for start, end in first_guesses(text)]
    ['it could be a, ']
    """
    found = []
    for sentence in _SENTENCE.finditer(text) if _HEDGED.search(text) else ():
        turn = _CONCLUDES.search(text, sentence.start(), sentence.end())
        if turn and _HEDGED.search(text, sentence.start(), turn.start()):
            found.append((sentence.start(), turn.start()))
    return found


def topics(text: str) -> list[tuple[int, int]]:
    """The stretches of a text that name what is talked about, or was considered, in order.

    >>> text = "she talks about a man in french"
    >>> [text[start:end] for start, end in topics(text)]
    [' a man ']
    """
    return sorted(match.span(1) for pattern in (_TOPIC, _CONSIDERED) for match in pattern.finditer(text))


def likened(text: str) -> list[tuple[int, int]]:
    """The stretches of a text that name what something is only like, or unlikely to be, in order.

    >>> text = "it resembles a, and is b"
    >>> [text[start:end] for start, end in likened(text)]
    [' a']
    """
    return [match.span(match.lastgroup or 0) for match in _LIKENED.finditer(text)]


def main_ones(text: str, found: Sequence[Mention]) -> list[Mention]:
    """Of several labels, where an attribute has one value, those that are not named only beside what is told.

    >>> text = "a woman who talks about her husband, a man"
    >>> [mention.label for mention in main_ones(text, [Mention("f", 2, 7), Mention("m", 40, 43)])]
    ['f']
    """
    relatives = [match.span(match.lastgroup or 0) for match in _RELATIVE.finditer(text)]
    conceded = [match.span() for match in _CONCEDED.finditer(text)]
    contents = [mention[1:] for mention in found if _OF_WHAT.match(text, mention.end)]
    for aside in (outweighed(text), relatives, conceded, contents, _before_the_exact(text)):
        found = [mention for mention in found if not within(mention.start, aside)] or found
    return _weightiest(text, list(found))


def _before_the_exact(text: str) -> list[tuple[int, int]]:
    """What stands in a sentence before it says more exactly what it is."""
    sentences = _SENTENCE.finditer(text) if _EXACTLY.search(text) else ()
    turns = ((sentence.start(), _EXACTLY.search(text, *sentence.span())) for sentence in sentences)
    return [(start, turn.start()) for start, turn in turns if turn]


def _weightiest(text: str, found: list[Mention]) -> list[Mention]:
    """The label with the highest number, where all have one beside them: angry (0.8), neutral (0.2); 70 % a, 30 % b."""
    weights: dict[str, float] = {}
    for mention in found:
        if (weight := _weight(text, mention)) is not None:
            weights[mention.label] = max(weight, weights.get(mention.label, 0.0))
    best = max(weights.values(), default=0.0)
    if weights.keys() != {mention.label for mention in found} or list(weights.values()).count(best) > 1:
        return found
    return [mention for mention in found if weights[mention.label] == best]


def _weight(text: str, mention: Mention) -> float | None:
    """The share or the score of a label: the number behind its name, else the percentage before it."""
    before = text[max(0, mention.start - 24) : mention.start]
    for match in (_WEIGHT.match(text, mention.end), _WEIGHT_BEFORE.search(before)):
        if match and match[1].strip(".") and (match[2] or "." in match[1]):
            return float(match[1])
    return None
