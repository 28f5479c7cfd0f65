"""How services are spoken to, for the providers `dashscope` and `openai`.

``service`` makes a model of an entry of the catalogue; ``native`` and ``compatible`` are the two protocols, over
``links`` (what the threads of a model share) and ``wire`` (sends over ``connections``, with ``deadlines``;
``transport`` hands it to the openai SDK). ``sending`` and ``uploads`` are about audio; ``answers``, ``native_answers``
and ``usage`` about what comes back; ``rejections`` and ``faults`` about what an error says and means; ``keys`` and
``sdk_logs`` about what stays hidden; ``scripts`` about a call to paste.
"""
