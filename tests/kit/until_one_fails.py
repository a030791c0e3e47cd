"""What a mutant's tests run with: after one of a file has failed, the mutant is seen, and the others are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FAILED = pytest.StashKey[set["Path"]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_FAILED] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        item.config.stash[_FAILED].add(item.path)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.path in item.config.stash[_FAILED]:
        pytest.skip("another test of this file has failed")
