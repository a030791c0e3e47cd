"""A stranger's plugin with a provider of each kind, whose options overlap with those of built-in ones."""

from __future__ import annotations

STRANGER = """
from dataclasses import dataclass
from aframe_data import hookimpl
from aframe_data.plugin.options import option
from aframe_data.plugin.records import *

@dataclass(frozen=True)
class Site:
    host: str = option(default="archive.example", help="Host", aliases=("server",))
    depth: int = option(default=1, help="Depth", minimum=1)

@dataclass(frozen=True)
class Population:
    path: str = option(default="", help="File of the population")

@hookimpl
def register_segment_sources():
    yield SegmentSourceProvider(name="site", summary="Segments", load="stranger_code:Segments", options=Site,
                                flags=("O1_.+", "H1_.+"), aliases=("the_site",))

@hookimpl
def register_strain_fetchers():
    yield StrainFetcherProvider(name="site", summary="Strain", load="stranger_code:Strain", options=Site,
                                channels=("O1(:.+)?",), alignment=64, aliases=("the_site",))

@hookimpl
def register_priors():
    yield PriorProvider(name="heavy", summary="Heavy", load="stranger_code:Heavy", options=Population,
                        aliases=("very_heavy",), pattern=r".+[.]population", pattern_option="path")

@hookimpl
def register_waveform_generators():
    yield WaveformGeneratorProvider(name="model", summary="Model", load="stranger_code:Model", aliases=("a_model",))
"""
STRANGER_CODE = """
from aframe_data.types import Segment, SegmentResult

class Segments:
    def __init__(self, options):
        self.options = options

    def query(self, query):
        return SegmentResult((Segment(query.start + 10, query.stop - 10),), origin=self.options.host)

class Strain:
    def __init__(self, options):
        self.options = options

    def fetch(self, request):
        return {}

class Heavy:
    parameters, frame = ("mass_1",), "source"

    def __init__(self, options):
        self.options = options

    def sample(self, n, rng):
        return {}

class Model:
    def check(self, parameters, request):
        pass

    def generate(self, parameters, request):
        raise NotImplementedError
"""
SOURCE = {"stranger": STRANGER, "stranger_code": STRANGER_CODE}
