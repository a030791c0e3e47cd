"""Which rules of slides are refused, and which are probably not meant."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest
from exact_windows import RULE

from aframe_data.errors import UsageError


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shifts": (0.0, -1.0)}, "shifts = 0, -1: only numbers of at least 0"),
        ({"shifts": (0.0, math.nan)}, "only numbers of at least 0"),
        ({"shifts": (1.0,)}, "shifts = 1 must be 2 numbers, one for each of H1, L1"),
        ({"shifts": ()}, "shifts = none must be 2 numbers"),
        ({"shifts": (0.0, 0.0)}, "zero-lag"),
        ({"shifts": (2.0, 2.0)}, "zero-lag"),
        ({"shifts": (0.0, 1 / 5000)}, "differ by less than a sample"),
    ],
)
def test_shifts_that_are_none_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        replace(RULE, **change).check(2048)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"right_pad": 4.5}, "right_pad = 4.5 is above half"),
        ({"spacing": 0.2}, "jitter = 0.1 is not below half of spacing"),
        ({"ifos": ("H1", "L1", "V1"), "shifts": (0.0, 1.0, 1.0)}, "the same shift"),
    ],
)
def test_what_is_probably_not_meant_is_told(change: dict[str, Any], message: str) -> None:
    assert RULE.warnings(2048) == ()
    (told,) = replace(RULE, **change).warnings(2048)
    assert message in told
