"""How services are spoken to, for the providers `dashscope` and `openai`.

``service`` makes a model of an entry of the catalogue; ``native`` and ``compatible`` are the two protocols, over
``wire`` (connections); ``sending`` and ``uploads`` are about audio, ``faults`` and ``rejections`` about what an error
means, ``scripts`` about a call to paste.
"""
