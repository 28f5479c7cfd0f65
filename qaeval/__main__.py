"""``python -m qaeval``: the command line."""

from qaeval.cli import main

main()
