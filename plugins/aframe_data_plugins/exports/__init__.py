"""Exports for the tools that people compare Aframe with, as a plugin. Light: nothing is imported to list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aframe_data.plugin.hooks import hookimpl
from aframe_data.plugin.records import SIGNALS, STRAIN, ExportProvider
from aframe_data_plugins.exports.options import LvkOptions, PycbcOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What the parameters of a binary are computed from; Aframe's own scripts do not store the frequencies.
_BINARY = (
    *("mass_1", "mass_2", "a_1", "a_2", "tilt_1", "tilt_2", "phi_12", "phi_jl", "theta_jn", "phase"),
    *("ra", "dec", "psi", "redshift", "reference_frequency", "minimum_frequency"),
)


@hookimpl
def register_exports() -> Iterator[ExportProvider]:
    """Give the four formats."""
    yield ExportProvider(
        name="pycbc",
        summary="pycbc's injection file: the injections of a campaign, for pycbc.inject and pycbc_inspiral",
        load="aframe_data_plugins.exports.pycbc:Pycbc",
        options=PycbcOptions,
        takes=(SIGNALS,),
        needs=(*_BINARY, "injection_time"),
    )
    yield ExportProvider(
        name="lvk",
        summary="The layout of LIGO-Virgo-KAGRA's search sensitivity files: injections of a campaign, for rates",
        load="aframe_data_plugins.exports.lvk:Lvk",
        options=LvkOptions,
        takes=(SIGNALS,),
        needs=(*_BINARY, "injection_time"),
    )
    yield ExportProvider(
        name="amplfi",
        summary="The folder that amplfi is trained and tested on: background, and files of signals",
        load="aframe_data_plugins.exports.amplfi:Amplfi",
        takes=(SIGNALS, STRAIN),
        needs=_BINARY,
        folder=True,
    )
    yield ExportProvider(
        name="mlgwsc",
        summary="The strain file of the machine-learning mock data challenge MLGWSC-1: <detector>/<start>",
        load="aframe_data_plugins.exports.mlgwsc:Mlgwsc",
        takes=(STRAIN,),
    )
