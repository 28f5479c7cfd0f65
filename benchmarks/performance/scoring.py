"""Scoring raw replies through `qaeval.tables.score` with the task ``transcribe``, against what one would do by hand.

By hand, English: whisper-normalizer's EnglishTextNormalizer on references and replies, then jiwer.process_words on
all of them at once; Chinese: OpenCC t2s and cn2an.transform on both, then jiwer.process_characters. That gives one
error rate, in which what a model says around a transcript counts as errors. Ours unwraps each reply, tells its
outcome, normalises by the default profile, counts every metric of the task and makes the frame of scores.

Both get the same references and replies, made from a seed: four models that heard the same clips, as one compares
them. English of 17 words and Chinese of 14 characters on average, drawn from the words of the sentences below (with
their frequencies, numbers and contractions: a number is in 27% and 32% of the texts) and, one in twelve, from made-up
ones; 45% of the replies without an error, others with a token error rate that makes about 5% in all; a third of them
wrapped in what models say. CPU seconds of one process, no threads.

    python benchmarks/performance/scoring.py [--pairs 100000] [--profile]

Prints a line a language; the exit status is 1 when a ratio is above its bound. Needs cn2an (not a dependency of ours).
"""

from __future__ import annotations

import argparse
import cProfile
import random
import sys
import time
import warnings
from collections.abc import Callable, Sequence

import jiwer
import pandas as pd

from qaeval import tables
from qaeval.tasks import find as find_task
from qaeval.text.profiles import find_profile
from qaeval.types import Annotation, Reply, Sample

LIMITS = {"en": 1 / 5, "zh": 1 / 3}
TEXTS = {
    "en": """
        When I was a boy my father once gave me his old watch, and I've worn it every day since then.
        The committee didn't agree on the colour of the new building, so they asked Mr. Brown to choose.
        She bought some apples and a few eggs at the market, but she forgot to bring any money.
        It was one of those mornings when the fog lies low over the river and nobody wants to work.
        They're going to open the new bridge in 1998, the mayor said, if the weather doesn't get worse.
        He looked at the letter for a long time before he put it back into the drawer and left.
        Nobody knows why the train was late, yet everyone on the platform seemed to be in good spirits.
        The price went up by five percent last year, which is more than most families here can pay.
        After the concert we walked along the harbour and talked about the music until it was almost dark.
        You can't learn to swim by reading about it, my uncle used to say, and he was quite right.
        In the middle of the night somebody knocked at the door and asked whether there was a doctor.
        Most of the children had never seen the sea, so the teacher took them there by bus in June.
        There are about two hundred people in the village, and most of them have the same family name.
        What I'd like to know is how the cat got out of a room whose windows were all shut.
        The museum keeps a small collection of maps that were drawn by sailors a long time ago.
        Please turn left at the church, go past the school, and you'll see the station on your right.
    """,
    "zh": """
        今天 天气 很 好 我们 一起 去 公园 里 走走 吧
        他 在 这 家 公司 工作 了 很多 年 从来 没有 迟到 过
        请问 去 火车站 应该 坐 哪 一 路 车
        这 本 书 我 已经 看 了 两 遍 还是 不 太 明白
        去年 的 房价 上涨 了 百分之 五 很 多 人 都 买 不 起
        妈妈 说 晚上 要 做 红烧肉 让 你 早点 回家
        会议 改 到 下午 3 点 在 楼上 的 会议室 举行
        如果 明天 下雨 的话 运动会 就 会 推迟 到 下 个 星期
        老师 问 了 一个 问题 但是 没有 人 能 回答
        北京 到 上海 的 高铁 只 要 几 个 小时
        我 觉得 这 件 事情 没有 你 想 的 那么 简单
        他们 在 1998 年 搬 到 了 南方 的 那 座 小 城市
        医生 建议 他 多 喝 水 少 熬夜 注意 休息
        手机 没 电 了 能不能 借 我 用用 充电器
        孩子们 在 院子 里 追着 那 只 小 花猫 跑 来 跑 去
        新 的 地铁 线路 将 连接 机场 和 市中心
    """,
}
WRAPPERS = {
    "en": ("The original content of this audio is:'{}'", 'The audio says: "{}"', "The transcription is: '{}'."),
    "zh": ("这段音频说的是:'{}'", "音频中说的是:'{}'。", "这段音频的原始内容是:'{}',说话者为男性,情绪平静。"),
}
MODELS = 4
LENGTH = {"en": 17, "zh": 14 / 1.55}  # in words; the Chinese ones have 1.55 characters

Pairs = list[tuple[str, str]]


def make(language: str, pairs: int, rng: random.Random) -> Pairs:
    """References with what a model replied; each reference as often as there are models, one after another."""
    words, made = TEXTS[language].split(), []
    for _ in range(pairs // MODELS):
        size = max(2, round(rng.gauss(LENGTH[language], LENGTH[language] / 3)))
        said = [_word(words, language, rng) for _ in range(size)]
        for _ in range(MODELS):
            heard = said if rng.random() < 0.45 else _misheard(said, words, rng)
            made.append((_sentence(said, language), _reply(_sentence(heard, language), language, rng)))
    return made


def _word(words: Sequence[str], language: str, rng: random.Random) -> str:
    if rng.random() > 1 / 12:
        return rng.choice(words)
    if language == "zh":
        return bytes([rng.randrange(0xB0, 0xD7), rng.randrange(0xA1, 0xFF)] * rng.choice((1, 2))).decode("gb2312")
    return "".join(rng.choices("etaoinshrdlu", k=rng.randint(4, 9)))


def _misheard(said: list[str], words: Sequence[str], rng: random.Random) -> list[str]:
    """At least one error; three in five are substitutions, the rest deletions and insertions."""
    heard = list(said)
    for _ in range(max(1, round(len(said) * rng.gauss(0.09, 0.03)))):
        place, kind = rng.randrange(len(heard) + 1), rng.random()
        heard[place : place if kind > 0.8 else place + 1] = [] if 0.6 < kind <= 0.8 else [rng.choice(words)]
    return heard


def _sentence(words: Sequence[str], language: str) -> str:
    return "".join(words) + "。" if language == "zh" else " ".join(words).rstrip(".,") + "."


def _reply(text: str, language: str, rng: random.Random) -> str:
    return rng.choice(WRAPPERS[language]).format(text) if rng.random() < 1 / 3 else text


def ours(language: str, pairs: Pairs) -> Callable[[], float]:
    """What scores the pairs; it gives the error rate of what was unwrapped."""
    samples = [
        Sample(f"s{i}", b"", Annotation(text=said), {"language": language, "speaker": f"p{i % 97}"})
        for i, (said, _) in enumerate(pairs[::MODELS])
    ]
    replies = {f"k{i}": Reply(text=reply) for i, (_, reply) in enumerate(pairs)}
    asked = [(sample.id, f"m{number}") for sample in samples for number in range(MODELS)]
    asks = pd.DataFrame(asked, columns=["sample", "model"]).assign(
        task="transcribe", prompt="zh", repeat=0, key=list(replies)
    )
    tasks, profile = {"transcribe": find_task("transcribe")}, find_profile()
    for text in ("warm up twenty one", "预热二十一"):
        profile.normalise(text, language)

    def run() -> float:
        scores = tables.score(samples, asks, replies, tasks, profile, "benchmark")
        rows = scores[(scores["metric"] == {"en": "wer", "zh": "cer"}[language]) & (scores["part"] == "")]
        return float(rows["num"].sum() / rows["den"].sum())

    return run


def by_hand(language: str, pairs: Pairs) -> Callable[[], float]:
    """What is done without qaeval; it gives the error rate of the replies as they came."""
    normalise = _normaliser(language)
    process = jiwer.process_words if language == "en" else jiwer.process_characters

    def run() -> float:
        output = process([normalise(said) for said, _ in pairs], [normalise(reply) for _, reply in pairs])
        return output.wer if isinstance(output, jiwer.WordOutput) else output.cer

    return run


def _normaliser(language: str) -> Callable[[str], str]:
    if language == "en":
        from whisper_normalizer.english import EnglishTextNormalizer

        return EnglishTextNormalizer()
    import cn2an
    import opencc

    warnings.filterwarnings("ignore", module="cn2an")  # it tells of each numeral that it cannot read
    convert = opencc.OpenCC("t2s").convert
    return lambda text: cn2an.transform(convert(text))


def compare(language: str, pairs: Pairs) -> bool:
    """Prints the CPU seconds of both; whether the bound is met."""
    results = {}
    for side, run in (("qaeval", ours(language, pairs)), ("by hand", by_hand(language, pairs))):
        start = time.process_time()
        rate = run()
        results[side] = time.process_time() - start, rate
    (fast, rate), (slow, raw) = results["qaeval"], results["by hand"]
    print(
        f"{language}: {len(pairs)} replies, CPU s: qaeval {fast:.2f} (error rate {rate:.3f}), by hand {slow:.2f} "
        f"(error rate {raw:.3f}, wrappers counted), ratio {fast / slow:.3f} = 1/{slow / fast:.1f} "
        f"(bound {LIMITS[language]})"
    )
    return fast <= LIMITS[language] * slow


def main() -> int:
    """Measures English and Chinese."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--language", choices=LIMITS, help="only this one")
    parser.add_argument("--profile", action="store_true", help="show where the time of ours goes instead")
    options = parser.parse_args()
    kept = True
    for language in LIMITS if options.language is None else [options.language]:
        pairs = make(language, options.pairs, random.Random(1))
        if options.profile:
            run = ours(language, pairs)
            cProfile.runctx("run()", {}, {"run": run}, sort="tottime")
        else:
            kept &= compare(language, pairs)
    return not kept


if __name__ == "__main__":
    sys.exit(main())
