"""The built-in exports by the kit that every author of one has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data.testing import ExportTests

if TYPE_CHECKING:
    from pathlib import Path


class OfInjections(ExportTests):
    @pytest.fixture(autouse=True)
    def _source(self, injections: Path) -> None:
        type(self).source = injections


class OfDataset(ExportTests):
    @pytest.fixture(autouse=True)
    def _source(self, dataset: Path) -> None:
        type(self).source = dataset


class TestPycbc(OfInjections):
    name = "pycbc"


class TestLvk(OfInjections):
    name = "lvk"


class TestLvkTable(OfInjections):
    name = "lvk"
    options = {"layout": "o4"}  # noqa: RUF012 - the kit says what it is


class TestAmplfi(OfDataset):
    name = "amplfi"


class TestMlgwsc(OfDataset):
    name = "mlgwsc"
