"""The run folder: its journal of replies (the truth), its tables, its lock, and run.json.

``journal``: append one reply durably, read all back; ``rows``: samples as rows; ``folder``: what lies where.
"""
