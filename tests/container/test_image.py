"""In the image that was built from conda-forge: what conda alone has can be used."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest


@pytest.mark.parametrize("module", ["nds2", "LDAStools.frameCPP"])
def test_what_conda_alone_has_can_be_imported(module: str) -> None:
    if sys.prefix != "/opt/env":
        pytest.skip("this is not the image of apptainer.def")
    assert import_module(module).__file__
