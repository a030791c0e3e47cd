"""From private frames to a campaign, as a user makes it: no token, wrong ones, a good one, and the token nowhere."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

from plugin_factory import run_cli
from servers.arrakis import frames, serving, write_frame
from servers.tokens import Issuer, isolate

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

START, STOP, RATE = 1_000_000_000, 1_000_000_512, 1024
AUDIENCE = "https://127.0.0.1"
CHANNELS = ("H1:GDS-CALIB_STRAIN", "L1:GDS-CALIB_STRAIN")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Frames of white noise in two detectors, in which signals are heard."""
    rng = np.random.default_rng(1)
    made = tmp_path_factory.mktemp("frames")
    for channel in CHANNELS:
        noise = rng.normal(0, 3e-23 * np.sqrt(RATE / 2), RATE * (STOP - START))
        write_frame(made, START, {channel: noise}, RATE, kind=f"{channel[:2]}_HOFT_C00")
    return made


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
        fetch = (
            *("fetch", "--source", source.__name__, *options, "--channels", ",".join(CHANNELS)),  # type: ignore[attr-defined]
            *("--start", str(START), "--end", str(STOP), "--sample-rate", str(RATE), "--workers", "1"),
            *("--output-directory", str(user / "background")),
        )
        for token, reason in bad.items():
            refused = run(token, *fetch)
            errors = [line for line in refused.stderr.splitlines() if "aframe-data: error: background" in line]
            assert refused.returncode == 1
            assert reason in errors[0]
            assert "Get one: htgettoken" in errors[0]
            assert not list((user / "background").glob("*.hdf5"))
        made = run(good, *fetch)
        assert made.returncode == 0, made.stderr
    campaign = run(
        good,
        *("timeslide-waveforms", "--background", str(user / "background"), "--num-signals", "2", "--shifts", "0,1"),
        *("--prior", "nonspin_bbh", "--ifos", "H1,L1", "--sample-rate", str(RATE), "--waveform-duration", "4"),
        *("--right-pad", "1", "--spacing", "4", "--psd-length", "16", "--buffer", "4", "--seed", "1"),
        *("--waveform-approximant", "IMRPhenomD", "--workers", "0", "--output-dir", str(user / "campaign")),
    )
    assert campaign.returncode == 0, campaign.stderr
    with h5py.File(user / "campaign" / "waveforms.hdf5") as file:
        record = json.dumps({name: str(value) for name, value in file.attrs.items()})
    assert "background" in record
    texts = [text for each in done for text in (each.stdout, each.stderr)]
    texts += [path.read_bytes().decode("latin-1") for path in user.rglob("*") if path.is_file()]
    for token in (good, *filter(None, bad)):
        for part in (token, *token.split(".")[1:]):
            assert not any(part in text for text in texts)
