"""The data set as Croissant 1.1 metadata: JSON-LD that tools of machine learning read.

Its files are described one by one, with their hashes, where all of each was read; else, and of folders with very many,
by a pattern. HDF5 has no record sets in Croissant: what is in a file is said in words.
"""

from __future__ import annotations

from collections import Counter
from posixpath import join
from typing import TYPE_CHECKING, Any

from aframe_data.dataset_report.listing import parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aframe_data.reports.dataset import DataFile, Totals

_HDF5 = "application/x-hdf5"
#: Files of one folder that are described one by one.
_MOST_FILES = 1000
_SAID = {
    "segments": ("text/plain", "Segments: number, start, stop (GPS seconds, half-open) and duration, by tabs."),
    "background": (
        _HDF5,
        "Background strain: a dataset for each interferometer, sampled from GPS second x0 on by dx.",
    ),
    "PSD": (_HDF5, "One-sided power spectral densities, 1/Hz: a dataset for each interferometer."),
    "waveforms": (_HDF5, "Signals: a dataset for each parameter in parameters/, and for each series in waveforms/."),
    "parameters": (_HDF5, "Parameters of signals: a dataset for each in parameters/."),
}

#: The context of Croissant 1.1, as its reference implementation writes it.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant_of(files: Sequence[DataFile], totals: Totals) -> dict[str, Any]:
    """The metadata; damaged files are left out."""
    sound = [file for file in files if file.kind in _SAID]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": "aframe-data-set",
        "description": (
            f"Data to train and test Aframe, a neural network that looks for gravitational waves: "
            f"{totals.background:.10g} s of background strain, {totals.training} training waveforms, "
            f"{totals.validation} validation signals and {totals.injections} injections. Made with aframe-data."
        ),
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "keywords": ["gravitational waves", "strain", "compact binary coalescence"],
        "distribution": list(_distribution(sound)),
    }


def _distribution(files: Sequence[DataFile]) -> Iterator[dict[str, Any]]:
    numbers = Counter((parent(file.name), file.kind) for file in files)
    told = set()
    for file in files:
        group = (parent(file.name), file.kind)
        encoding, words = _SAID[file.kind]
        if numbers[group] > _MOST_FILES:
            if group not in told:
                pattern = f"*.{file.name.rpartition('.')[2]}"
                yield _set(join(group[0], file.kind), join(group[0], pattern), encoding, words)
            told.add(group)
        elif file.sha256 is None:
            yield _set(file.name, file.name, encoding, words)
        else:
            yield {
                "@type": "cr:FileObject",
                "@id": file.name,
                "name": file.name,
                "description": words,
                "contentUrl": file.name,
                "contentSize": f"{file.nbytes} B",
                "encodingFormat": encoding,
                "sha256": file.sha256,
            }


def _set(name: str, includes: str, encoding: str, words: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "description": words,
        "encodingFormat": encoding,
        "includes": includes,
    }
