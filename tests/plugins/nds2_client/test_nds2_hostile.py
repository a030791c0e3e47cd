"""What a server of channels may say of them that cannot be, and words of it that cannot be printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.errors import SourceError, TransientError, UsageError
from aframe_data_plugins.nds2.client import Found
from aframe_data_plugins.nds2.messages import meaning
from aframe_data_plugins.nds2.servers import Server
from servers.nds2_clients import CHANNEL, archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from servers.nds2_archive import Nds2Archive
    from servers.nds2_clients import Asked

    Ask = Callable[[Nds2Archive], AbstractContextManager[Asked]]


@pytest.mark.parametrize("rate", [0.0, -256.0, 1e9, float("inf"), float("nan")], ids=str)
def test_rates_that_no_strain_has_are_known(rate: float) -> None:
    assert not Found(CHANNEL, "raw", rate).plausible


@pytest.mark.slow
def test_a_rate_that_no_strain_has_is_refused(ask: Ask) -> None:
    with ask(archive(rate=1e9)) as asked, pytest.raises(SourceError, match="which no channel of strain has") as caught:
        asked()
    assert not isinstance(caught.value, TransientError)
    assert f"{asked.address} says that {CHANNEL} has" in str(caught.value)


def test_a_unit_is_cut_to_what_can_be_printed(ask: Ask) -> None:
    with ask(archive(unit="\x1b[31mstrain" + "n" * 500)) as asked:
        series = asked()
    assert series.unit.startswith("?[31mstrain")
    assert len(series.unit) <= 40


def test_names_of_channels_can_be_printed(ask: Ask) -> None:
    from dataclasses import replace

    served = archive()
    (channel,) = served.channels
    served = replace(served, channels=(replace(channel, name="H1:GDS-\x1b[31m" + "X" * 400),))
    with ask(served) as asked, pytest.raises(UsageError, match="unknown channel") as caught:
        asked(channel="H1:GDS-CALIB_STRAIN")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@pytest.mark.slow
def test_words_of_the_server_can_be_printed() -> None:
    told = str(meaning("\x1b[31m no \x07" + "x" * 5000, Server("nds.example.org")))
    assert told.startswith("nds.example.org:31200 refuses: ?[31m no ?x")
    assert len(told) < 400
