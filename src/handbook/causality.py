"""The command `handbook causality`: what the package `causality` says, in this command's manner."""

from __future__ import annotations

import argparse

from causality.command import NOT_ASKED, run
from handbook.findings import CallError


def ask(options: argparse.Namespace) -> tuple[str, int]:
    """Ask a model, and give what is to be printed and the exit status.

    Raises ``CallError`` when the model cannot be asked.
    """
    outcome = run(options)
    if outcome.status == NOT_ASKED:
        raise CallError(outcome.text)
    return outcome.text, outcome.status
