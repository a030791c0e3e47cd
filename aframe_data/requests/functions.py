"""The Python functions of the commands; `aframe_data` loads them on first use."""

from __future__ import annotations

from aframe_data.requests.build import Build
from aframe_data.requests.campaign import TimeslideWaveforms
from aframe_data.requests.export import Export
from aframe_data.requests.fetch import Fetch
from aframe_data.requests.init import Init
from aframe_data.requests.inspect import Inspect
from aframe_data.requests.merge import Merge
from aframe_data.requests.priors import Reweight, ShowPrior
from aframe_data.requests.psd import EstimatePsd
from aframe_data.requests.query import Query
from aframe_data.requests.report import Report
from aframe_data.requests.request import function_of
from aframe_data.requests.validation import ValidationWaveforms
from aframe_data.requests.verify import Verify
from aframe_data.requests.waveforms import TrainingWaveforms

write_configuration = function_of(Init)
build_dataset = function_of(Build)
query = function_of(Query)
fetch = function_of(Fetch)
estimate_psd = function_of(EstimatePsd)
training_waveforms = function_of(TrainingWaveforms)
validation_waveforms = function_of(ValidationWaveforms)
timeslide_waveforms = function_of(TimeslideWaveforms)
merge = function_of(Merge)
inspect = function_of(Inspect)
verify = function_of(Verify)
report = function_of(Report)
export = function_of(Export)
show_prior = function_of(ShowPrior)
reweight = function_of(Reweight)


def function_names() -> dict[str, str]:
    """The names of the functions here, by their commands."""
    functions = {name: value for name, value in globals().items() if hasattr(value, "request")}
    return {function.request.command: name for name, function in functions.items()}
