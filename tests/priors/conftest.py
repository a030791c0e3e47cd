"""What the tests of the priors share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data_priors.options import BilbyFileOptions
from aframe_data_priors.user_priors import BilbyFile

if TYPE_CHECKING:
    from pathlib import Path

    from prior_files import Prior


@pytest.fixture
def prior(tmp_path: Path) -> Prior:
    """Make a prior of the text of a file."""

    def make(text: str, **options: str) -> BilbyFile:
        path = tmp_path / "my.prior"
        path.write_text(text)
        return BilbyFile(BilbyFileOptions(path=path, **options))

    return make
