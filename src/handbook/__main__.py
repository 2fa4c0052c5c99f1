"""``python -m handbook`` is the ``handbook`` command."""

from handbook.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
