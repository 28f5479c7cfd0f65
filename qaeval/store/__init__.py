"""The run folder: its journal of replies (the truth), its tables, its lock, and run.json.

``journal``: append one reply durably; ``replies``: read all back; ``tables``: rows on disk and on their way there;
``rows``: samples and asks as rows; ``folder``: what lies where.
"""
