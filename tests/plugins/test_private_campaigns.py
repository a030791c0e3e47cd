"""From private frames to a campaign, as a user makes it: no token, wrong ones, a good one, and the token nowhere.

What knows no tokens goes the same way: files on disk, and NDS2 servers, whose Kerberos no test has.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from plugin_factory import run_cli
from servers.arrakis import frames, serving, write_frame
from servers.nds2_archive import Nds2Archive, Nds2Channel
from servers.nds2_server import Nds2Server
from servers.tokens import Issuer, isolate

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.slow

START, STOP, RATE = 1_000_000_000, 1_000_000_512, 1024
AUDIENCE = "https://127.0.0.1"
CHANNELS = ("H1:GDS-CALIB_STRAIN", "L1:GDS-CALIB_STRAIN")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames of white noise in two detectors, in which signals are heard."""
    made = tmp_path_factory.mktemp("frames")
    for channel in CHANNELS:
        write_frame(made, START, {channel: noise_of(channel)}, RATE, kind=f"{channel[:2]}_HOFT_C00")
    return made


def noise_of(channel: str) -> NDArray[np.float64]:
    rng = np.random.default_rng(CHANNELS.index(channel))
    return rng.normal(0, 3e-23 * np.sqrt(RATE / 2), RATE * (STOP - START))


@contextmanager
def arrakis(folder: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    """A private server of channels; how it is asked."""
    del monkeypatch
    from arrakis_server.auth import SciTokenAuthPolicy

    policy = SciTokenAuthPolicy(issuers=[issuer.url], audience=[AUDIENCE])
    with serving(frames(folder), auth=policy, auth_mode="full") as url:
        yield "--arrakis-server", url


@contextmanager
def datafind(folder: Path, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    """A private server that lists frames; how it is asked."""
    from servers.datafind import DatafindServer, list_frames

    list_frames(folder, sorted(folder.glob("*.gwf")))
    with DatafindServer(folder, issuer=issuer) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.certificate))
        yield "--datafind-host", server.url


@contextmanager
def on_disk(folder: Path) -> Iterator[tuple[str, ...]]:
    """The frames themselves."""
    yield "--source", "frames", "--frames-path", str(folder)


class _Noise(Nds2Channel):
    """A channel that a server has."""

    def samples(self, start: int, stop: int) -> NDArray[np.float64]:
        return noise_of(self.name)[(start - START) * RATE : (stop - START) * RATE]


@contextmanager
def by_nds2(folder: Path) -> Iterator[tuple[str, ...]]:
    """A server that asks for nothing."""
    del folder
    pytest.importorskip("dttlib", reason="dttlib has no wheel for this machine")
    with Nds2Server(Nds2Archive(tuple(_Noise(name, rate=RATE) for name in CHANNELS))) as server:
        yield "--source", "nds2", "--nds2-server", server.address


@pytest.mark.parametrize("source", [on_disk, by_nds2])
def test_a_campaign_of_frames_on_disk_or_of_an_nds2_server(
    folder: Path, tmp_path: Path, source: Callable[[Path], AbstractContextManager[tuple[str, ...]]]
) -> None:
    with source(folder) as options:
        fetched = run_cli("fetch", *options, *fetched_to(tmp_path))
    assert fetched.returncode == 0, fetched.stderr
    with h5py.File(tmp_path / "background" / f"background-{START}-{STOP - START}.hdf5") as file:
        for channel in CHANNELS:
            np.testing.assert_array_equal(file[channel[:2]], noise_of(channel))
    campaign = run_cli(*campaign_of(tmp_path))
    assert campaign.returncode == 0, campaign.stderr
    with h5py.File(tmp_path / "campaign" / "waveforms.hdf5") as file:
        assert file.attrs["length"] == 2
        assert np.all(file["parameters/snr"][:] >= 4)


def fetched_to(folder: Path) -> tuple[str, ...]:
    """What is fetched, of any source."""
    return (
        *("--channels", ",".join(CHANNELS), "--start", str(START), "--end", str(STOP), "--sample-rate", str(RATE)),
        *("--workers", "1", "--output-directory", str(folder / "background")),
    )


def campaign_of(folder: Path) -> tuple[str, ...]:
    """The command line of a campaign over what was fetched."""
    return (
        *("timeslide-waveforms", "--background", str(folder / "background"), "--num-signals", "2", "--shifts", "0,1"),
        *("--prior", "nonspin_bbh", "--ifos", "H1,L1", "--sample-rate", str(RATE), "--waveform-duration", "4"),
        *("--right-pad", "1", "--spacing", "4", "--psd-length", "16", "--buffer", "4", "--seed", "1"),
        *("--waveform-approximant", "IMRPhenomD", "--workers", "0", "--output-dir", str(folder / "campaign")),
    )


@pytest.mark.parametrize(("source", "scope"), [(arrakis, "arrakis.read:/"), (datafind, "gwdatafind.read")])
def test_a_campaign_of_private_frames_needs_a_token_that_is_good_and_leaves_it_nowhere(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: object, scope: str
) -> None:
    isolate(monkeypatch, tmp_path)
    issuer, user = Issuer(), tmp_path / "user"
    issuer.publish()
    bad = {
        "": "none was found",
        issuer.token(AUDIENCE, scope, lifetime=-10): "it has expired",
        issuer.token("https://elsewhere.example.org", scope): "it is for the audience",
        issuer.forged(AUDIENCE, scope): "its signature is wrong",
    }
    good = issuer.token(AUDIENCE, scope)
    done: list[subprocess.CompletedProcess[str]] = []

    def run(token: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        done.append(run_cli(*arguments, "--log-file", str(user / "log"), "--debug", BEARER_TOKEN=token))
        return done[-1]

    with source(folder, issuer, monkeypatch) as options:  # type: ignore[operator]
        fetch = ("fetch", "--source", source.__name__, *options, *fetched_to(user))  # type: ignore[attr-defined]
        for token, reason in bad.items():
            refused = run(token, *fetch)
            errors = [line for line in refused.stderr.splitlines() if "aframe-data: error: background" in line]
            assert refused.returncode == 1
            assert reason in errors[0]
            assert "Get one: htgettoken" in errors[0]
            assert not list((user / "background").glob("*.hdf5"))
        made = run(good, *fetch)
        assert made.returncode == 0, made.stderr
    campaign = run(good, *campaign_of(user))
    assert campaign.returncode == 0, campaign.stderr
    with h5py.File(user / "campaign" / "waveforms.hdf5") as file:
        record = json.dumps({name: str(value) for name, value in file.attrs.items()})
    assert "background" in record
    texts = [text for each in done for text in (each.stdout, each.stderr)]
    texts += [path.read_bytes().decode("latin-1") for path in user.rglob("*") if path.is_file()]
    for token in (good, *filter(None, bad)):
        for part in (token, *token.split(".")[1:]):
            assert not any(part in text for text in texts)
