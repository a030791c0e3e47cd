"""``fetch --source nds2`` as a user runs it, with each of the two clients."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from plugin_factory import run_cli
from servers.kerberos import Kerberos, why_no_kerberos
from servers.nds2_archive import Nds2Archive, Nds2Channel
from servers.nds2_clients import CHANNEL, START, archive, double_environment
from servers.nds2_server import Nds2Server

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

LIVINGSTON = "L1:GDS-CALIB_STRAIN"
GAP = (START + 300, START + 310)
HELD = Nds2Archive(
    (
        Nds2Channel(CHANNEL, disk=((START, GAP[0]), (GAP[1], START + 512))),
        Nds2Channel(LIVINGSTON, data_type="real_4"),
    )
)


def fetch(server: str, folder: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_cli(
        *("fetch", "--source", "nds2", "--server", server, "--channels", f"{CHANNEL},{LIVINGSTON}", "--json"),
        *("--start", str(START), "--end", str(START + 512), "--sample-rate", "256", "--workers", "1"),
        *("--output-directory", str(folder), *more),
        **environment,
    )


def require_split_at_gap(done: subprocess.CompletedProcess[str], folder: Path, server: str) -> None:
    """Two files of both channels; nothing but JSON on standard output."""
    assert done.returncode == 0, done.stderr
    report = [json.loads(line) for line in done.stdout.splitlines()][-1]
    assert report["cut"] == {"H1": [{"start": GAP[0], "stop": GAP[1], "reason": "that no source has"}]}
    for start, stop in ((START, GAP[0]), (GAP[1], START + 512)):
        with h5py.File(folder / f"background-{start}-{stop - start}.hdf5") as file:
            for channel in HELD.channels:
                np.testing.assert_array_equal(file[channel.name[:2]], channel.samples(start, stop))
            strain = json.loads(file.attrs["provenance"])["strain"]
        assert strain["H1"]["pieces"] == [
            {"origin": f"nds2://{server}/{CHANNEL},raw", "source": "nds2", "start": START, "stop": GAP[0]}
            if start == START
            else {"origin": f"nds2://{server}/{CHANNEL},raw", "source": "nds2", "start": GAP[1], "stop": START + 512}
        ]


def test_fetch_through_gwpy(tmp_path: Path) -> None:
    environment = double_environment({("nds.test", 31200): HELD}, tmp_path)
    done = fetch("nds.test", tmp_path, "--gaps", "split", **environment)
    require_split_at_gap(done, tmp_path, "nds.test:31200")


@pytest.mark.usefixtures("_dttlib")
def test_fetch_through_dttlib(tmp_path: Path) -> None:
    with Nds2Server(HELD) as server:
        done = fetch(server.address, tmp_path, "--gaps", "split")
    require_split_at_gap(done, tmp_path, server.address)


@pytest.mark.usefixtures("_dttlib")
def test_a_server_that_wants_kerberos_is_one_line(tmp_path: Path) -> None:
    with Nds2Server(archive(authentication=True)) as server:
        done = fetch(server.address, tmp_path)
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if "error:" in line]
    assert len(errors) == 2
    assert f"{server.address} requires authentication: get a Kerberos ticket with `kinit USER@LIGO.ORG`" in errors[0]
    assert done.stderr.strip().splitlines() == errors


# --- a real exchange with Kerberos ---------------------------------------------------------------------


@pytest.fixture
def kerberos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kerberos]:
    if reason := why_no_kerberos():
        pytest.skip(reason)
    with Kerberos(tmp_path_factory.mktemp("kerberos"), "nds2") as running:
        yield running


LOCKED = dataclasses.replace(HELD, authentication=True)


@pytest.mark.usefixtures("_dttlib")
def test_who_has_a_ticket_is_let_in_and_the_ticket_is_written_nowhere(tmp_path: Path, kerberos: Kerberos) -> None:
    with Nds2Server(LOCKED, kerberos) as server:
        log = ("--log-file", str(tmp_path / "log"), "--debug")
        done = fetch(server.address, tmp_path / "out", "--gaps", "split", *log, **kerberos.ticket("albert"))
    require_split_at_gap(done, tmp_path / "out", server.address)
    assert set(server.users) == {"albert"}
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    written += [done.stdout.encode(), done.stderr.encode()]
    assert len(written) == 5
    for token in server.tokens:
        assert len(token) > 100
        assert not any(token[:60] in text or base64.b64encode(token)[:60] in text for text in written)


@pytest.mark.usefixtures("_dttlib")
@pytest.mark.parametrize("ticket", ["none", "expired", "wrong"])
def test_who_has_no_good_ticket_is_told_to_get_one(tmp_path: Path, kerberos: Kerberos, ticket: str) -> None:
    if ticket == "expired":
        environment = kerberos.expired_ticket("albert")
    elif ticket == "wrong":
        kerberos.change_key()
        environment = kerberos.ticket("albert")
    else:
        environment = {**kerberos.environment, "KRB5CCNAME": f"FILE:{tmp_path / 'none'}"}
    with Nds2Server(LOCKED, kerberos) as server:
        done = fetch(server.address, tmp_path, **environment)
    assert not server.users
    assert bool(server.tokens) == (ticket == "wrong")
    assert done.returncode == 1
    errors = done.stderr.strip().splitlines()
    assert len(errors) == 2
    assert f"{server.address} requires authentication: get a Kerberos ticket with `kinit USER@LIGO.ORG`" in errors[0]
