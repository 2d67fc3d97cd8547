"""`python -m ringtrace` is the `ringtrace` command."""

from ringtrace.cli import main

if __name__ == "__main__":
    main()
