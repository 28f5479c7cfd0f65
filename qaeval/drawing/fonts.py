"""A font for Chinese and Japanese letters: an installed one, or that of the ``fonts`` extra."""

from __future__ import annotations

import functools
import importlib.util
import unicodedata
import warnings
from pathlib import Path

CHINESE_FONTS = (
    *(
        "Noto Sans SC",
        "Noto Sans CJK SC",
        "Source Han Sans SC",
        "Source Han Sans CN",
        "PingFang SC",
        "Hiragino Sans GB",
    ),
    *("Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Heiti SC", "Noto Sans CJK JP"),
)
FONT_PACKAGE = "pylopdf_fonts_zh_cn"


class MissingFontWarning(UserWarning):
    """Chinese or Japanese text will show as boxes, because no font for it was found."""


def chinese_font(written: str) -> list[str]:
    """A font for Chinese and Japanese letters, if there are any and a font is found; warns once if none is.

    Installed fonts come first, then the one of the ``fonts`` extra.
    """
    if not any(unicodedata.east_asian_width(letter) in "WF" for letter in written):
        return []
    found = _find_chinese_font()
    return [found] if found else []


@functools.cache
def _find_chinese_font() -> str | None:
    from matplotlib.font_manager import FontProperties, fontManager

    installed = set(fontManager.get_font_names())
    for name in CHINESE_FONTS:
        if name in installed:
            return name
    package = importlib.util.find_spec(FONT_PACKAGE)
    if package is None or package.origin is None:
        told = (
            "no font with Chinese letters was found, they will show as boxes: install one, or the extra qaeval[fonts]"
        )
        warnings.warn(told, MissingFontWarning, stacklevel=2)
        return None
    path = Path(package.origin).with_name("NotoSansSC-Regular.otf")
    fontManager.addfont(path)
    return FontProperties(fname=path).get_name()
