"""Fetches with the nds2 plugin as it is told on standard input: see `servers.nds2_clients.DoubleProcess`."""

from __future__ import annotations

import os
import pickle
import sys


def main() -> None:
    from aframe_data.registry.choice import choose

    questions = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            options, request = pickle.load(questions)  # noqa: S301 - our own process
        except EOFError:
            return
        try:
            answer = choose("strain", "nds2", options).create().fetch(request)
        # What the plugin raises is what the tests ask for.
        except Exception as error:  # noqa: BLE001
            answer = error
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
