"""The words of English numbers: what they stand for, and which of them tell that there is a number at all."""

from __future__ import annotations

_NAMES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
SMALL = {name: str(value) for value, name in enumerate(f"{_NAMES} seventeen eighteen nineteen".split(), 1)}
ONES = {name: digits for name, digits in SMALL.items() if len(digits) == 1}
TENS = {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80"}
TENS["ninety"] = "90"
_IRREGULAR = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"}
_IRREGULAR["twelve"] = "twelfth"
ENDINGS = {"first": "st", "second": "nd", "third": "rd"}
ORDINALS = {_IRREGULAR.get(name, f"{name}th"): digits for name, digits in SMALL.items()}
ORDINAL_TENS = {f"{name[:-1]}ieth": digits for name, digits in TENS.items()}
DECADES = {f"{name[:-1]}ies": digits for name, digits in TENS.items()}
SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "quadrillion": 15}
SCALES["quintillion"] = 18
ENDED_SCALES = {f"{name}th": (size, "th") for name, size in SCALES.items()}
ENDED_SCALES |= {f"{name}s": (size, "s") for name, size in SCALES.items()}
ALL_SCALES = SCALES.keys() | ENDED_SCALES.keys()
PARTS = {name: digits for name, digits in ORDINALS.items() if digits in tuple("3456789") or digits == "10"}
PARTS |= {"half": "2", "quarter": "4"}
SEVERAL_PARTS = {f"{name}s": digits for name, digits in PARTS.items()} | {"halves": "2"}
SIGNS = {"minus": "-", "negative": "-", "plus": "+", "positive": "+"}
CURRENCIES = {"dollar": "$", "euro": "€", "pound": "£", "cent": "¢"}
CURRENCIES |= {f"{name}s": symbol for name, symbol in CURRENCIES.items()}
ZEROS = ("zero", "oh", "o")
REPEATS = {"double": 2, "triple": 3}
DETERMINERS = frozenset(
    ("a", "an", "the", "this", "that", "what", "which", "every", "each", "any", "some", "no", "one")
)
DETERMINERS |= {"my", "your", "his", "her", "its", "our", "their"}

NUMBER_WORDS = frozenset(
    SMALL.keys() | TENS.keys() | ORDINALS.keys() | ORDINAL_TENS.keys() | DECADES.keys() | SCALES.keys()
    | {name for name, (_, ending) in ENDED_SCALES.items() if ending == "th"} | {"zero", "double", "triple"}
)  # fmt: skip
"""Where none of these occurs, and no digit, there is no number."""

BESIDE_NUMBERS = frozenset(
    SIGNS.keys() | CURRENCIES.keys() | ALL_SCALES | PARTS.keys() | SEVERAL_PARTS.keys() | {"point", "per", "percent"}
)
"""What can make another number of the digits beside it."""

BEGINNINGS = NUMBER_WORDS | SIGNS.keys() | REPEATS.keys() | {"point", "half", "a", "an"}
