"""What is refused before any server is asked, and which servers are asked."""

from __future__ import annotations

from typing import Any

import pytest

from aframe_data.errors import UsageError
from aframe_data.registry.candidates import candidates_of_each
from aframe_data.registry.choice import choose
from aframe_data_plugins.nds2.options import Nds2Options
from aframe_data_plugins.nds2.servers import servers_for
from plugin_factory import run_python
from servers.nds2_clients import CHANNEL


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"server": "https://nds.gwosc.org"},
            r"--nds2-server: 'https://nds\.gwosc\.org' is not a server: write HOST or",
        ),
        ({"server": "nds.gwosc.org:port"}, r"--nds2-server: 'nds\.gwosc\.org:port' is not a server"),
        ({"server": "nds.gwosc.org:99999"}, r"--nds2-server: 'nds\.gwosc\.org:99999' is not a server"),
        ({"port": 0}, r"--nds2-port: 0 is not allowed, only values from 1 to 65535"),
        ({"epoch": "1000000010-1000000000"}, r"--nds2-epoch: '1000000010-1000000000' ends before it starts"),
        ({"channel_type": "rds"}, r"--nds2-channel-type: 'rds' is not allowed, only one of raw, reduced"),
        ({"timeout": 0}, r"--nds2-timeout: 0 is not allowed, only values above 0"),
        ({"allow_tape": "maybe"}, r"--nds2-allow-tape: 'maybe' is not true or false"),
    ],
)
def test_a_wrong_option_is_told_with_what_is_allowed(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        choose("strain", "nds2", options).create()


@pytest.mark.parametrize(
    ("channel", "options", "asked"),
    [
        (CHANNEL, {}, ["nds.ligo.caltech.edu:31200"]),
        ("H1:GWOSC-4KHZ_R1_STRAIN", {}, ["nds.gwosc.org:31200"]),
        (CHANNEL, {"port": 31201}, ["nds.ligo.caltech.edu:31201"]),
        (CHANNEL, {"server": ("a", "b:1", "a"), "port": 2}, ["a:2", "b:1"]),
    ],
)
def test_servers_are_those_told_or_the_one_that_has_all(channel: str, options: Any, asked: list[str]) -> None:
    assert [str(server) for server in servers_for(channel, Nds2Options(**options))] == asked


def test_the_usual_variable_names_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NDSSERVER", "nds.one.org:31200,nds.two.org")
    assert choose("strain", "nds2").options.server == ("nds.one.org:31200", "nds.two.org")


@pytest.mark.usefixtures("_dttlib")
def test_auto_gives_it_private_channels_and_no_open_data() -> None:
    chosen = candidates_of_each("strain", ["auto"], [CHANNEL, "H1"])
    assert "nds2" in [entry.key for entry in chosen[CHANNEL]]
    assert "nds2" not in [entry.key for entry in chosen["H1"]]


class TestWithoutAClient:
    """In another interpreter, for which neither client is installed."""

    HIDDEN = """
        import importlib.util, sys
        found = importlib.util.find_spec
        importlib.util.find_spec = lambda name, *more: None if name in ("nds2", "dttlib") else found(name, *more)
        from aframe_data.cli.app import run
        sys.exit(run({arguments!r}))
    """

    def test_using_it_says_how_to_get_one(self) -> None:
        done = run_python(
            self.HIDDEN.format(
                arguments=["fetch", "--source", "nds2", "--channels", CHANNEL, "--start", "1000000000",
                           "--end", "1000000064", "--sample-rate", "256", "--output-directory", "x"]
            )
        )  # fmt: skip
        assert done.returncode == 1
        assert "needs nds2, which is not installed: conda install -c conda-forge python-nds2-client; or" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
