"""How all forms begin that `qaeval.text.replies.unwrap` takes off: a quick look, since most replies have none.

Only of replies whose first character is a letter. Each pattern is tried if the first letter is one of those beside it.
"""

from __future__ import annotations

import re

ENGLISH_LETTERS = frozenset("abcdefghijlmnoprstuvwyABCDEFGHIJLMNOPRSTUVWY")
ENGLISH_FORM = re.compile(
    r"""(?:sure|certainly|of\ course|absolutely|okay|ok|well|yes|here|language|webvtt|what|based|system|user)\b|spk
    |no\s+(?:speech|voice|one)\b|there(?:\ is|'s|\ are)\s+no|nothing\s+is
    |i\s+(?:think|believe|hear|do|can(?:no|['’])t)|i(?:['’]m|\s+am)\s+(?:un|not\ )able|it\s+sounds\s+like
    |(?:(?:the|an?|this|in\s+(?:the|this))\s+)?(?:original|full|complete|exact|verbatim|spoken|transcri|audio|speech
     |text|content|word|english|mandarin|chinese|cantonese|japanese|french|italian|spanish|german|recording|clip|speaker
     |person|voice|male|female|man|woman|boy|girl|following|json|sentence|phrase)""",
    re.IGNORECASE | re.VERBOSE,
)
OTHER_LETTERS = frozenset(
    "这這该該本此它的一段个個条條句份音语語录錄録在好您你用当没沒嗯哦那可以下转轉識识原纯逐文内內說说话我听聽根"
    "書この中英日粤粵发講话話未呢\u0130\u0131\u017f"
)
OTHER_FORM = re.compile(
    r"""[这這该該本此它的呢在好您嗯哦那原纯逐文未没沒書この语語話\u0130\u0131\u017f]|一?[段个個条條句份]|音[频頻訊声]
    |[录錄録]音|你[好提上发所]|用[户戶]|当然|可以|以下|下面|[转轉][录写錄寫文]|[识識][别別]|[内內]容|[說说]话|說話|话者
    |我(?:[听聽认認]|[觉覺]得|[无無]法|不能)|[听聽]起[来來]|根据|[中英日粤粵][文语語]|发言人|講者""",
    re.VERBOSE,
)
