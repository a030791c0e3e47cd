from __future__ import annotations

from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from servers.nds2_clients import DoubleProcess, with_dttlib, with_gwpy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from servers.nds2_archive import Nds2Archive
    from servers.nds2_clients import Asked


@pytest.fixture(autouse=True)
def _no_servers_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("NDSSERVER", "NDS2_CLIENT_ALLOW_DATA_ON_TAPE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(scope="module")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DoubleProcess]:
    with DoubleProcess(tmp_path_factory.mktemp("nds2")) as process:
        yield process


@pytest.fixture(scope="session")
def _dttlib() -> None:
    if find_spec("dttlib") is None:
        pytest.skip("dttlib has no wheel for this machine")


@pytest.fixture(params=["gwpy", pytest.param("dttlib", marks=pytest.mark.slow)])
def ask(request: pytest.FixtureRequest) -> Callable[[Nds2Archive], AbstractContextManager[Asked]]:
    """Sets up a server and gives what asks it, through each of the clients in turn."""

    @contextmanager
    def server(served: Nds2Archive) -> Iterator[Asked]:
        if request.param == "gwpy":
            with with_gwpy(request.getfixturevalue("double"), served) as asked:
                yield asked
        else:
            request.getfixturevalue("_dttlib")
            with with_dttlib(served) as asked:
                yield asked

    return server
