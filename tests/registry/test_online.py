"""One small question to each archive, and what is made of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gwosc.api import v2

from aframe_data.registry.discovery import discover
from aframe_data.registry.names import find
from aframe_data.registry.online import Reached, reach
from plugin_factory import hook
from servers.gwosc import Fault, GwoscServer
from servers.gwosc_archive import GwoscArchive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished

CODE = """
from aframe_data.errors import *

class Source:
    def fetch(self, request):
        assert (request.channels, request.start, request.stop) == (("H1",), 1126259462, 1126259463)
        {does}

class Pinged(Source):
    def ping(self):
        raise AuthenticationError("run htgettoken first")
"""


def strain(load: str = "Source", more: str = 'example=("H1", 1126259462)') -> str:
    body = f'yield StrainFetcherProvider(name="asked", summary="Strain", load="asked_code:{load}", {more})'
    return hook("strain_fetchers", body)


def reached(install: Callable[..., Path], does: str, **record: str) -> Reached:
    install(source={"asked_hooks": strain(**record), "asked_code": CODE.format(does=does)})
    return reach(find("strain", "asked"))


@pytest.mark.parametrize(
    ("does", "expected"),
    [
        ("return {}", Reached("reachable")),
        ('raise NoDataError("nothing at that time")', Reached("reachable")),
        ('raise AuthenticationError("no token")', Reached("needs authentication", "no token")),
        ('raise TransientError("nobody there")', Reached("failed", "nobody there")),
        ('raise SourceError("go away")', Reached("failed", "go away")),
    ],
    ids=str,
)
def test_an_answer_of_any_kind_is_told(strangers: Callable[..., Path], does: str, expected: Reached) -> None:
    assert reached(strangers, does) == expected


def test_a_smaller_question_is_asked_where_there_is_one(strangers: Callable[..., Path]) -> None:
    found = reached(strangers, "raise TransientError('the large one')", load="Pinged")
    assert found == Reached("needs authentication", "run htgettoken first")


def test_without_an_example_there_is_no_question(strangers: Callable[..., Path]) -> None:
    assert reached(strangers, "return {}", more="") == Reached("not asked", "its record has no example")


def test_what_has_no_archive_is_not_asked() -> None:
    assert reach(find("prior", "spin_bbh")).verdict == "not asked"


def test_what_must_be_told_something_is_not_asked() -> None:
    found = reach(find("segments", "file"))
    assert found.verdict == "not asked"
    assert found.reason


def test_an_example_that_the_record_does_not_accept_is_a_mistake_of_the_plugin(
    strangers: Callable[..., Path],
) -> None:
    strangers(source={"asked_hooks": strain(more='channels=("H1",), example=("V1:X", 3)')})
    (reason,) = (plugin.reason for plugin in discover() if plugin.distribution == "stranger")
    assert "does not accept its own example, 'V1:X'" in reason


class TestCommandLine:
    @pytest.fixture
    def check(
        self, cli: Callable[..., Finished], monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[GwoscServer, str], Finished]:
        """Check open data, with a server in the environment."""
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("COLUMNS", "200")
        v2.JSON_CACHE.clear()

        def call(server: GwoscServer, *arguments: str) -> Finished:
            monkeypatch.setenv("GWOSC_SERVER_URL", server.url)
            return cli("plugins", "check", "gwosc", *arguments)

        return call

    def test_open_data_can_be_reached(self, check: Callable[..., Finished]) -> None:
        archive = GwoscArchive(flags={"H1_DATA": [(1126250000, 1126260000)]})
        with GwoscServer(archive) as server:
            done = check(server, "--online")
            assert (done.code, done.err) == (0, "")
            assert [line.split()[-1] for line in done.out.splitlines()[1:]] == ["reachable", "reachable"]
            assert not server.asked(r"\.hdf5")

    def test_a_server_that_fails_is_told_and_the_exit_code_says_so(self, check: Callable[..., Finished]) -> None:
        with GwoscServer() as server:
            server.fail(Fault(".", status=403, times=None))
            done = check(server, "--online")
        assert done.code == 1
        assert done.out.count("failed: ") == 2
        assert "403" in done.out
        assert done.err == ""

    def test_without_the_option_nothing_is_asked(self, check: Callable[..., Finished]) -> None:
        with GwoscServer() as server:
            assert check(server).code == 0
            assert server.asked() == []
