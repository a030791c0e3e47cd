"""Frame types are guessed from names of channels."""

from __future__ import annotations

import pytest

from aframe_data_plugins.datafind.frametypes import guesses

TYPES = [
    "H1_HOFT_C00", "H1_HOFT_C00_AR", "H1_HOFT_C01", "H1_HOFT_C01_CLEAN_SUB60HZ", "H1_HOFT_C02", "H1_CLEANED_HOFT_C02",
    "H1_GWOSC_O3a_4KHZ_R1", "H1_GWOSC_O3b_16KHZ_R1", "H1_LOSC_4_V1", "H1_R", "L1_HOFT_C00", "H1_HOFT_C00_TEST",
    "V1Online", "HoftOnline", "V1O3Repro1A", "V1O2Repro2A", "K1_HOFT_C20", "K1_HOFT_C00",
]  # fmt: skip


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("H1:GDS-CALIB_STRAIN", ["H1_HOFT_C00"]),
        ("L1:GDS-CALIB_STRAIN_CLEAN", ["L1_HOFT_C00"]),
        ("H1:GDS-CALIB_STRAIN_CLEAN_AR", ["H1_HOFT_C00_AR"]),
        ("H1:DCS-CALIB_STRAIN_C01", ["H1_HOFT_C01"]),
        ("H1:DCS-CALIB_STRAIN_CLEAN_C01", ["H1_HOFT_C01"]),
        ("H1:DCS-CALIB_STRAIN_CLEAN_SUB60HZ_C01", ["H1_HOFT_C01_CLEAN_SUB60HZ"]),
        ("H1:DCH-CLEAN_STRAIN_C02", ["H1_HOFT_C02", "H1_CLEANED_HOFT_C02"]),
        ("V1:Hrec_hoft_16384Hz", ["V1Online", "HoftOnline"]),
        ("V1:Hrec_hoft_V1O3Repro1A_16384Hz", ["V1O3Repro1A"]),
        ("V1:Hrec_hoft_V1O2Repro2A_16384Hz", ["V1O2Repro2A"]),
        ("K1:DAC-STRAIN_C20", ["K1_HOFT_C20"]),
        ("H1:GWOSC-4KHZ_R1_STRAIN", ["H1_GWOSC_O3a_4KHZ_R1"]),
        ("H1:LOSC-STRAIN", ["H1_LOSC_4_V1"]),
        ("H1:LSC-DARM_ERR", []),
        ("H1:GDS-CALIB_STRAIN_", []),
    ],
)
def test_the_type_is_guessed_where_it_can_be(channel: str, expected: list[str]) -> None:
    assert [name for name in TYPES if any(form.fullmatch(name) for form in guesses(channel))] == expected
