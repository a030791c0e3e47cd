"""A bucket on a server of the module's own."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aframe_data.places import place
from aframe_data.remote import RemotePath
from servers.s3 import S3Server

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Bucket:
    """An empty folder in a bucket, and where the work on its objects lies on this machine."""

    server: S3Server
    url: str
    cache: Path

    @property
    def store(self) -> Any:
        import s3fs

        return s3fs.S3FileSystem(use_listings_cache=False)

    def place(self, name: str) -> Any:
        found = place(f"{self.url}/{name}")
        assert isinstance(found, RemotePath)
        return found

    def objects(self) -> list[str]:
        return sorted(name.partition("/")[2] for name in self.store.find(self.url.removeprefix("s3://")))

    def uploads(self) -> int:
        """Uploads that are neither whole nor taken back."""
        return len(self.store.call_s3("list_multipart_uploads", Bucket="bucket").get("Uploads", []))

    def work(self) -> list[Path]:
        """What lies on this machine."""
        return [path for path in self.cache.glob("aframe-data/**/*") if path.is_file()]

    def content(self, name: str) -> io.BytesIO:
        return io.BytesIO(self.store.cat_file(f"{self.url}/{name}"))


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    import s3fs

    with S3Server() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        # What is the user's cache here changes with each test; matplotlib would look through all fonts again.
        patch.setenv("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib"))
        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem().mkdir("bucket")
        yield server
        s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def bucket(server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    cache = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.chdir(tmp_path)
    server.asked.clear()
    bucket = Bucket(server, "s3://bucket/data", cache)
    yield bucket
    server.before = lambda _asked: None
    if bucket.objects():
        bucket.store.rm(bucket.url, recursive=True)
    shutil.rmtree(cache, ignore_errors=True)
    assert not list(tmp_path.glob("s3*")), "a URL was taken for a local path"
