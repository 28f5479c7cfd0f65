"""The command ``qaeval``, which is ``python -m qaeval`` too."""

import sys


def main() -> None:
    """The command line. An interruption is told in a word, also while what the command needs is imported."""
    try:
        from qaeval.cli import main as command

        command()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
