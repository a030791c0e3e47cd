"""What a server of channels may do to whoever asks it: too slow, with rates that cannot be."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import SourceError, TransientError
from servers.arrakis import ending, made_up, serving, slow
from servers.arrakis_clients import CHANNEL, START, get

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished

pytestmark = pytest.mark.slow


def test_a_server_that_gives_a_little_now_and_then_is_left(tmp_path: Path) -> None:
    pause = threading.Event()
    told = rf"sent .* s of {CHANNEL} in 6 s \(--arrakis-timeout\), which is too slow to wait for"
    with serving(slow(tmp_path, lambda: pause.wait(0.5) and None)) as url:
        with pytest.raises(TransientError, match=told):
            get(url, timeout=6)
        pause.set()


def test_a_rate_that_no_strain_has_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    told = rf"says that {CHANNEL} has 2e\+09 Hz, which no channel of strain has"
    with serving(made_up(tmp_path, rate=2_000_000_000)) as url, pytest.raises(SourceError, match=told) as caught:
        get(url)
    assert not isinstance(caught.value, TransientError)


def test_words_of_the_server_can_be_printed(cli: Callable[..., Finished], tmp_path: Path) -> None:
    from pyarrow import flight

    def fail() -> None:
        raise flight.FlightServerError("\x1b[31m no \x07" + "x" * 5000)

    with serving(ending(tmp_path, 2, fail)) as url:
        done = cli(
            *("fetch", "--source", "arrakis", "--server", url, "--channels", CHANNEL, "--workers", "0"),
            *("--start", str(START), "--end", str(START + 64), "--sample-rate", "128", "-o", tmp_path / "o"),
        )
    assert done.code == 1
    assert all(line.isprintable() and len(line) < 1000 for line in done.err.splitlines())
    assert "bug" not in done.err
