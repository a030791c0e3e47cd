"""URLs as places: which are known, and what is said of the others."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aframe_data import places
from aframe_data.errors import UsageError
from aframe_data.places import local_place, place
from aframe_data.remote import RemotePath

if TYPE_CHECKING:
    from collections.abc import Callable

    from command_line import Finished


def test_a_path_stays_what_it_is() -> None:
    assert place("data/x.hdf5") == Path("data/x.hdf5")
    assert place(Path("s3:/bucket")) == Path("s3:/bucket")
    assert place("file:///tmp/a%20b") == Path("/tmp/a b")  # noqa: S108


def test_a_url_of_a_store_is_never_taken_for_a_local_path() -> None:
    found = place("S3://bucket/folder//./x.hdf5")
    assert isinstance(found, RemotePath)
    assert str(found) == "s3://bucket/folder/x.hdf5"
    for take in (Path, os.fspath, open):
        with pytest.raises(TypeError):
            take(found)
    assert (found.name, found.stem, found.suffix) == ("x.hdf5", "x", ".hdf5")
    assert str(found.parent / "y") == "s3://bucket/folder/y" == str(found.with_name("y"))
    assert found.parts == ("s3://bucket", "folder", "x.hdf5")
    assert place(found) == pickle.loads(pickle.dumps(found)) == found  # noqa: S301


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("s3://", "does not name an object in a store"),
        ("s3:///key", "does not name an object in a store"),
        ("s3://bucket/../other", "does not name an object in a store"),
        ("file://elsewhere/x", "is not a path on this machine"),
        ("s4://bucket/x", "unknown protocol 's4'. Known: abfs, az, file, gcs, gs, s3."),
        ("http://host/x", "unknown protocol 'http'"),
    ],
)
def test_other_urls_are_refused(url: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        place(url)
    assert told in str(refused.value)


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="holds credentials") as refused:
        place("s3://AKIA:geheim@bucket/x")
    assert "geheim" not in str(refused.value)


def test_where_only_a_local_path_will_do_a_url_is_refused() -> None:
    assert local_place("file:///tmp/x") == Path("/tmp/x")  # noqa: S108
    for value in ("s3://bucket/x", "https://host/x", RemotePath("s3", "bucket/x")):
        with pytest.raises(UsageError, match="only a path on this machine"):
            local_place(value)


@pytest.mark.parametrize(("url", "wanted"), [("s3://b/x", "'aframe-data[s3]'"), ("gs://b/x", "gcsfs")])
def test_a_missing_package_is_told_with_the_command_that_installs_it(
    url: str, wanted: str, monkeypatch: pytest.MonkeyPatch, cli: Callable[..., Finished], tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "find_spec", lambda _name: None)
    monkeypatch.chdir(tmp_path)
    query = ("query", "--flags", "H1_DATA", "--start", "1240579783", "--end", "1240579883")
    for field, *command in (
        ("output_file", *query),
        ("output_dir", "build", "--preset", "quickstart"),
        ("output_file", "init", "quickstart"),
    ):
        finished = cli(*command, "-o", url)
        assert finished.code == 2
        assert finished.err == (
            f"aframe-data: error: {field} = {url!r} is not allowed: {url!r} needs a package that is not installed: "
            f"python -m pip install {wanted}\n"
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ["inspect", "x.hdf5", "--plot", "s3://bucket/x.png"],
        ["inspect", "x.hdf5", "--log-file", "s3://bucket/x.log"],
        ["inspect", "x.hdf5", "--config", "s3://bucket/x.toml"],
        [
            "fetch",
            "--channels=H1",
            "--sample-rate=64",
            "--start=1e9",
            "--end=1000000100",
            "--cache=s3://b/x",
            "-o",
            "x",
        ],
        ["export", "x.hdf5", "--to", "pycbc", "-o", "s3://bucket/x"],
        [
            "waveforms",
            "--prior=s3://b/x.prior",
            "--num-signals=1",
            "--waveform-duration=8",
            "--sample-rate=2048",
            "-ox",
        ],
    ],
)
def test_what_cannot_be_remote_is_refused_in_one_line(
    arguments: list[str], cli: Callable[..., Finished], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    finished = cli(*arguments)
    assert finished.code == 2
    assert "is a URL, and only a path on this machine can be given here." in finished.err
    assert finished.err.count("\n") == 1
    assert not list(tmp_path.iterdir())
