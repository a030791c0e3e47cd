"""Which quantities stand for signals: those of binaries, and all parameters of other sources."""

from __future__ import annotations

import pytest

from aframe_data.figures.quantities import QUANTITIES, SOURCE_MASSES, are_binaries, quantities_of
from aframe_data.plugin.binary import BASE_PARAMETERS

RINGDOWN = ("dec", "distance", "frequency", "phase", "psi", "quality", "ra", "theta_jn")


@pytest.mark.parametrize(
    ("parameters", "binaries"),
    [
        (BASE_PARAMETERS, True),
        ((*BASE_PARAMETERS, "lambda_1", "snr", "shift"), True),
        (("mass_1", "mass_2", "redshift", "snr", "injection_time"), True),
        (("mass_1", "mass_2", "impact_parameter", "ra", "dec", "psi"), False),
        (("redshift", "ra", "dec"), False),
        (RINGDOWN, False),
        ((), False),
    ],
)
def test_binaries_are_known_by_their_parameters(parameters: tuple[str, ...], binaries: bool) -> None:
    assert are_binaries(parameters) is binaries


def test_binaries_have_their_quantities() -> None:
    assert quantities_of(BASE_PARAMETERS) == [*QUANTITIES]
    assert quantities_of(BASE_PARAMETERS, SOURCE_MASSES[:2])[:3] == [*SOURCE_MASSES[:2], QUANTITIES[1]]
    assert [quantity.label for quantity in quantities_of(("mass_1", "mass_2", "redshift"))][-1] == "$z$"


def test_of_other_sources_all_is_shown_that_was_drawn_and_first_what_they_are() -> None:
    shown = quantities_of((*RINGDOWN, "snr", "ifo_snrs", "injection_time", "shift", "segment_length"))
    assert [quantity.needs for quantity in shown] == [
        (name,) for name in ("frequency", "quality", "distance", "theta_jn", "dec", "ra", "psi", "phase")
    ]
    assert [quantity.label for quantity in shown[:4]] == [
        "frequency [Hz]",
        "quality",
        "distance [Mpc]",
        r"$\cos\,\theta_{JN}$",
    ]


def test_names_of_anybody_s_file_are_text() -> None:
    (shown,) = quantities_of(("$\\frac{1}$\n" + 50 * "x",))
    assert shown.label.startswith(r"\$\frac{1}\$ xxx")
    assert len(shown.label) < 30
