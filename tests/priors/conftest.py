"""What the tests of the priors share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aframe_data_priors.options import BilbyFileOptions

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from prior_files import Prior


@pytest.fixture(scope="session")
def bilby() -> ModuleType:
    """Give bilby as the priors import it; collecting tests does not."""
    from aframe_data_priors.bilby_library import bilby

    return bilby


@pytest.fixture
def prior(tmp_path: Path) -> Prior:
    """Make a prior of the text of a file."""
    from aframe_data_priors.user_priors import BilbyFile

    def make(text: str, **options: str) -> BilbyFile:
        path = tmp_path / "my.prior"
        path.write_text(text)
        return BilbyFile(BilbyFileOptions(path=path, **options))

    return make
