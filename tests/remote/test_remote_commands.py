"""Every command with URLs: the same data as on a disk, read by parts, and errors in one line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command_line import Finished
    from conftest import Bucket

    Cli = Callable[..., Finished]

_START = 1240579783
_SIGNALS = ("--prior=gaussian_masses", "--gaussian-masses-m1=30", "--gaussian-masses-m2=30", "--seed=1")
_GRID = ("--waveform-duration=4", "--sample-rate=2048", "--workers=0")


def fetch(cli: Cli, root: Any, *more: str, seconds: int = 256) -> Finished:
    return cli(
        *("fetch", "--source=simulated", "--channels=H1,L1", "--sample-rate=2048", "--workers=0", "-o", f"{root}/bg"),
        *(more or (f"--start={_START}", f"--end={_START + seconds}")),
    )


def chain(root: Any) -> list[tuple[str, ...]]:
    """From the query to the campaign, with every kind of file that a command reads or writes."""
    query = ("query", "--source=simulated", "--simulated-duty-cycle=1", "--flags=H1_DATA,L1_DATA")
    injected = ("--ifos=H1,L1", *_SIGNALS, *_GRID)
    return [
        (*query, f"--start={_START}", f"--end={_START + 256}", "-o", f"{root}/segments.txt"),
        (
            *("fetch", "--source=simulated", "--channels=H1,L1", "--sample-rate=2048", "--workers=0"),
            *(f"--segments={root}/segments.txt", "--max-duration=128", "-o", f"{root}/bg"),
        ),
        ("psd", f"{root}/bg", "-o", f"{root}/psd.hdf5"),
        ("waveforms", *_SIGNALS, *_GRID, "--num-signals=4", "-o", f"{root}/train.hdf5"),
        (
            *("validation-waveforms", *injected, "--num-signals=4", f"--psd=H1={root}/psd.hdf5"),
            *(f"--psd=L1={root}/psd.hdf5", "-o", f"{root}/val.hdf5", f"--rejected-file={root}/rejected.hdf5"),
        ),
        (
            *("timeslide-waveforms", *injected, "--num-signals=8", f"--background={root}/bg", "--shifts=0,1"),
            *("--psd-length=8", "--branches", "-o", f"{root}/test"),
        ),
        ("merge", f"{root}/test/branches/**/waveforms.hdf5", "-o", f"{root}/merged.hdf5"),
        ("verify", f"{root}/bg", "--workers=0"),
        ("inspect", f"{root}/val.hdf5"),
    ]


def arrays(content: Path | io.BytesIO) -> dict[str, Any]:
    """All that a file holds but records of how it was made, which name places."""
    found: dict[str, Any] = {}
    with h5py.File(content) as file:
        found |= {name: np.asarray(value).tolist() for name, value in file.attrs.items() if name != "provenance"}

        def add(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset) and not name.startswith("provenance/record"):
                found[name] = np.asarray(item).tolist() if item.dtype.kind == "O" else item[()].tobytes()

        file.visititems(add)
    return found


@pytest.mark.slow
def test_a_whole_data_set_in_a_bucket_is_bit_for_bit_that_on_a_disk(cli: Cli, bucket: Bucket, tmp_path: Path) -> None:
    local = tmp_path / "local"
    for here, there in zip(chain(local), chain(bucket.url), strict=True):
        finished = cli(*there)
        assert (finished.code, "Traceback" in finished.err) == (0, False), finished.err
        assert finished.out.replace(bucket.url, str(local)) == cli(*here).out
    files = {str(path.relative_to(local)) for path in local.rglob("*") if path.is_file()}
    assert {name.removeprefix("data/") for name in bucket.objects()} == files
    assert len([name for name in files if name.startswith("test/branches/")]) == 2
    for name in sorted(files - {"segments.txt"}):
        assert arrays(bucket.content(name)) == arrays(local / name), name
    remote_rows = bucket.content("segments.txt").read().decode().splitlines()[1:]
    assert remote_rows == (local / "segments.txt").read_text().splitlines()[1:]
    assert not bucket.work()
    assert not bucket.uploads()

    put = list(bucket.server.put)
    for command in chain(bucket.url)[:-2]:
        assert cli(*command).code == 0
    assert bucket.server.put == put, "what was there was made again"


def test_presence_and_identity_are_read_without_the_object(cli: Cli, bucket: Bucket) -> None:
    assert fetch(cli, bucket.url).code == 0
    size = bucket.place(f"bg/background-{_START}-256.hdf5").stat().st_size
    bucket.server.asked.clear()
    finished = fetch(cli, bucket.url, f"--start={_START}", f"--end={_START + 256}", "--dry-run")
    assert finished.code == 0
    assert "already there" in finished.out
    assert 0 < bucket.server.sent < size / 20
    assert fetch(cli, bucket.url).code == 0
    assert bucket.server.sent < size / 4, "a store keeps an object as it is, and only `verify` reads all of it"
    other = fetch(cli, bucket.url, f"--start={_START}", f"--end={_START + 256}", "--simulated-seed=7")
    assert other.code == 2
    assert "--overwrite replaces it" in other.err


def test_overwrite_replaces_an_object(cli: Cli, bucket: Bucket) -> None:
    waveforms = ("waveforms", *_SIGNALS[:-1], *_GRID, "-o", f"{bucket.url}/train.hdf5")
    assert cli(*waveforms, "--num-signals=2", "--seed=1").code == 0
    refused = cli(*waveforms, "--num-signals=3", "--seed=1")
    assert refused.code == 2
    assert "s3://bucket/data/train.hdf5' exists already and holds something else (num_signals" in refused.err
    assert cli(*waveforms, "--num-signals=3", "--seed=1", "--overwrite").code == 0
    with h5py.File(bucket.content("train.hdf5")) as file:
        assert file.attrs["length"] == 3


def test_unfinished_work_waits_in_the_users_cache(cli: Cli, bucket: Bucket) -> None:
    """The store refuses what is whole; the next command puts it there without making a signal."""
    waveforms = ("waveforms", *_SIGNALS, *_GRID, "--num-signals=2", "-o", f"{bucket.url}/train.hdf5")
    bucket.server.before = lambda asked: "403 Forbidden" if asked.method == "PUT" else None
    failed = cli(*waveforms)
    assert failed.code == 1
    assert "the store refuses access to s3://bucket/data/train.hdf5" in failed.err
    parts = bucket.cache / "aframe-data" / "objects" / "s3" / "bucket" / "data" / "train.hdf5.parts"
    assert (parts / "unit-00000000.hdf5").exists()
    bucket.server.before = lambda _asked: None
    finished = cli(*waveforms)
    assert finished.code == 0
    assert "going on" in finished.err or "finished" in finished.err
    assert bucket.objects() == ["data/train.hdf5"]
    assert not bucket.work()


@pytest.mark.slow
def test_merge_removes_inputs_in_a_bucket(cli: Cli, bucket: Bucket) -> None:
    for seed in (1, 2):
        waveforms = ("waveforms", *_SIGNALS[:-1], *_GRID, "--num-signals=2", f"--seed={seed}")
        assert cli(*waveforms, "-o", f"{bucket.url}/parts/{seed}.hdf5").code == 0
    merge = ("merge", f"{bucket.url}/parts", "-o", f"{bucket.url}/all.hdf5", "--remove-inputs")
    assert cli(*merge).code == 0
    assert bucket.objects() == ["data/all.hdf5"]
    assert cli(*merge).code == 0
    with h5py.File(bucket.content("all.hdf5")) as file:
        assert file.attrs["length"] == 4


@pytest.mark.slow
def test_a_harmful_object_is_refused_as_a_harmful_file_is(cli: Cli, bucket: Bucket) -> None:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file["H1"] = h5py.ExternalLink("/etc/passwd", "x")
    bucket.store.pipe_file(f"{bucket.url}/x.hdf5", content.getvalue())
    finished = cli("inspect", f"{bucket.url}/x.hdf5")
    assert finished.code == 1
    assert "is a link to another file, and those are not followed" in finished.err


def test_verify_finds_what_is_wrong_in_a_bucket(cli: Cli, bucket: Bucket) -> None:
    assert fetch(cli, bucket.url, seconds=32).code == 0
    name = f"bg/background-{_START}-32.hdf5"
    content = bucket.content(name)
    with h5py.File(content, "r+") as file:
        file["H1"][5] = 1.0
    bucket.store.pipe_file(f"{bucket.url}/{name}", content.getvalue())
    finished = cli("verify", f"{bucket.url}/bg", "--workers=0")
    assert finished.code == 1
    assert "the samples changed since they were written" in finished.out
    assert cli("verify", f"{bucket.url}/bg", "--quick", "--workers=0").code == 0


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        ("403 Forbidden", 1, "the store refuses access to s3://bucket"),
        ("404 Not Found", 2, "cannot write 's3://bucket/data/x.hdf5': there is no bucket 's3://bucket'"),
        ("501 Not Implemented", 1, "s3://bucket cannot be used"),
    ],
)
def test_what_the_store_refuses_is_told_before_any_work(
    cli: Cli, bucket: Bucket, status: str, code: int, told: str
) -> None:
    bucket.server.before = lambda _asked: status
    finished = cli("waveforms", *_SIGNALS, *_GRID, "--num-signals=2", "-o", f"{bucket.url}/x.hdf5")
    assert finished.code == code
    assert told in finished.err
    assert finished.err.count("\n") == 1
    assert len(bucket.server.asked) <= 3, "no storm of requests"
    bucket.server.before = lambda _asked: None


def test_a_refusal_in_the_middle_of_a_file_is_not_taken_for_damage(cli: Cli, bucket: Bucket) -> None:
    assert fetch(cli, bucket.url, seconds=32).code == 0
    bucket.server.before = lambda asked: "403 Forbidden" if asked.method == "GET" and "hdf5" in asked.path else None
    finished = cli("inspect", f"{bucket.url}/bg/background-{_START}-32.hdf5")
    assert finished.code == 1
    assert "the store refuses access to s3://bucket/data/bg/background-" in finished.err
    assert "damaged" not in finished.err
    verified = cli("verify", f"{bucket.url}/bg", "--workers=0")
    assert verified.code == 1
    assert "the store refuses access to s3://bucket/data/bg/background-" in verified.err
    assert "damaged" not in verified.out


@pytest.mark.slow
def test_without_credentials_or_a_server_there_is_one_line_and_no_secret(
    cli: Cli, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import s3fs

    command = ("inspect", f"{bucket.url}/x.hdf5")
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        s3fs.S3FileSystem.clear_instance_cache()
        unreachable = cli(*command)
    with monkeypatch.context() as patch:
        patch.delenv("AWS_ACCESS_KEY_ID")
        patch.delenv("AWS_SECRET_ACCESS_KEY")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("HOME", str(tmp_path))
        s3fs.S3FileSystem.clear_instance_cache()
        unknown = cli(*command)
    s3fs.S3FileSystem.clear_instance_cache()
    for finished, told in ((unreachable, "Could not connect to the endpoint"), (unknown, "Unable to locate cred")):
        assert finished.code == 1
        assert told in finished.err
        assert finished.err.count("\n") == 1
        assert "a-secret-of-tests" not in finished.err
