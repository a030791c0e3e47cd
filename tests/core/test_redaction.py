"""Passwords and tokens that stand in texts are hidden, and nothing else is."""

from __future__ import annotations

import pytest

from aframe_data.redaction import redacted, without_secrets

SECRET = "hunter2"  # noqa: S105 - of nobody
TOKEN = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"  # noqa: S105 - of nobody


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"https://me:{SECRET}@archive.example/a", "https://…@archive.example/a"),
        (f"--gwosc-host me:{SECRET}@archive.example", "--gwosc-host …@archive.example"),
        (f"https://archive.example/a?key={SECRET}&page=2", "https://archive.example/a?key=…&page=2"),
        (f"https://archive.example/a?{SECRET}", "https://archive.example/a?…"),
        (f"https://archive.example/a#{SECRET}", "https://archive.example/a?…"),
        (f"retries exceeded with url: /a?{SECRET} (timed out)", "retries exceeded with url: /a?… (timed out)"),
        (f"/api/v2/runs?page=2&signature={SECRET}", "/api/v2/runs?page=2&signature=…"),
        (f"it answers {TOKEN}.", "it answers <token>."),
    ],
)
def test_secrets_are_hidden_and_what_is_around_them_is_shown(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert redacted(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "cannot read '/data/run#3/psd.hdf5': No such file or directory.",
        "no file matches 'branches/12?-*/waveforms.hdf5'.",
        "/data/what is it?/H1.gwf",
        "https://archive.example/timeline/segments/json/O3a/?start=1&stop=2",
        "someone@example.org",
    ],
)
def test_paths_patterns_and_plain_queries_are_shown_as_they_are(text: str) -> None:
    assert redacted(text) == text


def test_texts_in_records_are_looked_through() -> None:
    record = {"host": f"https://me:{SECRET}@h", "files": [f"https://h/a?key={SECRET}", "run#3/a?.hdf5"], "seed": 3}
    assert without_secrets(record) == {
        "host": "https://…@h",
        "files": ["https://h/a?key=…", "run#3/a?.hdf5"],
        "seed": 3,
    }
