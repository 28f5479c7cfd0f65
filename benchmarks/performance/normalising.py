"""Normalising transcripts by the default profile, against the published ways to do so.

English against whisper-normalizer's EnglishTextNormalizer; Chinese against OpenCC (traditional to simplified) and
cn2an.transform (its numbers). Utterances are made from a seed, so that each is another one and nothing is remembered:
English of 17 words with common punctuation, a contraction in one of ten and a number in one of three (in words or
digits); Chinese of 14 characters, one in ten in traditional script and a number in one of three. The two take turns
over the same texts, in one process, in CPU seconds; the best of three rounds counts.

    python benchmarks/performance/normalising.py [--texts 20000]

Prints a line a language; the exit status is 1 when a ratio is above its bound. Needs cn2an (not a dependency of ours).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import warnings
from collections.abc import Callable

import cn2an
import opencc
from whisper_normalizer.english import EnglishTextNormalizer

from qaeval.text.normalising import chinese, english

LIMITS = {"en": 1 / 8, "zh": 1 / 2.5}
ROUNDS = 3
WORDS = """
the of and to in he was that it his her with as had for she not at but be on they you have him said which all is from
there were we when so would or what no me who up out if about into an very them then did will my their some could been
now more time little upon than only know like man how do over our good must any before down such made other see come
after great well should day where us long old never way colour house river mountain because people without
"""
CONTRACTED = ("don't", "it's", "I'm", "they've", "he'd", "Mr. Brown", "won't", "boy's")
NUMBERS = ("twenty five", "two hundred and six", "1984", "$20", "3.5", "10:30", "nineteen eighty four", "5%", "first")
CHARACTERS = """
的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而
能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同已老从动长知民样现分将外但身些与高意进把
法此实回理美明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再
平真听世气信北少关并内加化由却代军产入先山水市眼体别处总才场师书比住员性通目华报立马命张活难神数件安表原车白应路
"""
HAN_NUMBERS = ("二十三", "23", "2024年", "3.5", "百分之五", "90%", "两千零五", "￥123", "10:30", "第3")


def english_texts(count: int, rng: random.Random) -> list[str]:
    """Sentences of words."""
    return [sentence(rng) for _ in range(count)]


def sentence(rng: random.Random) -> str:
    """One sentence, with a comma now and then."""
    words = rng.choices(WORDS.split(), k=max(3, round(rng.gauss(17, 5))))
    if rng.random() < 0.1:
        words[rng.randrange(len(words))] = rng.choice(CONTRACTED)
    if rng.random() < 1 / 3:
        words[rng.randrange(len(words))] = rng.choice(NUMBERS)
    if rng.random() < 0.5:
        words[len(words) // 2] += ","
    text = " ".join(words)
    return f"{text[0].upper()}{text[1:]}{rng.choice('.?!')}"


def chinese_texts(count: int, rng: random.Random) -> list[str]:
    """Sentences of characters."""
    letters, to_traditional = "".join(CHARACTERS.split()), opencc.OpenCC("s2t").convert
    texts = []
    for _ in range(count):
        text = "".join(rng.choices(letters, k=max(3, round(rng.gauss(14, 4)))))
        if rng.random() < 1 / 3:
            place = rng.randrange(len(text))
            text = f"{text[:place]}{rng.choice(HAN_NUMBERS)}{text[place:]}"
        texts.append((to_traditional(text) if rng.random() < 0.1 else text) + rng.choice(("。", "", "？")))
    return texts


def by_hand() -> Callable[[str], str]:
    """OpenCC, then cn2an, as one would put them together."""
    simplify = opencc.OpenCC("t2s").convert

    def normalise(text: str) -> str:
        text = simplify(text)
        try:
            return cn2an.transform(text)
        except ValueError:  # it fails on some texts
            return text

    return normalise


def compare(name: str, texts: list[str], sides: dict[str, Callable[[str], str]]) -> float:
    """Prints the microseconds a text of both and gives ours, the first, divided by theirs."""
    least = dict.fromkeys(sides, float("inf"))
    for normalise in sides.values():
        normalise(texts[0])
    for _ in range(ROUNDS):
        for side, normalise in sides.items():
            start = time.process_time()
            for text in texts:
                normalise(text)
            least[side] = min(least[side], (time.process_time() - start) / len(texts) * 1e6)
    ours, theirs = least.values()
    told = ", ".join(f"{side} {microseconds:.1f}" for side, microseconds in least.items())
    ratio = ours / theirs
    print(f"{name}: {len(texts)} texts, CPU µs a text: {told}; ratio {ratio:.3f} = 1/{1 / ratio:.1f}")
    return ratio


def main() -> None:
    """Measures English and Chinese."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=20_000)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rng = random.Random(1)
    words, characters = english_texts(options.texts, rng), chinese_texts(options.texts, rng)
    published = {"whisper-normalizer": EnglishTextNormalizer(), "OpenCC + cn2an": by_hand()}
    ratios = {
        "en": compare(
            "en", words, {"qaeval": english.normalise, "whisper-normalizer": published["whisper-normalizer"]}
        ),
        "zh": compare("zh", characters, {"qaeval": chinese.normalise, "OpenCC + cn2an": published["OpenCC + cn2an"]}),
    }
    sys.exit(any(ratios[language] > limit for language, limit in LIMITS.items()))


if __name__ == "__main__":
    main()
