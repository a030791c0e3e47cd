"""Makes HDF5 files do harm: they lead out of themselves, ask for all memory there is, or hold what they should not."""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

#: What no output may hold.
SECRET = 1234.5
#: Bytes that a bomb takes where nothing holds it back.
GREEDY = 2**30
_NUMBERS = GREEDY // 8


def spoiled(path: Path, name: str, how: str) -> Path:
    """Spoil a dataset of a sound file, or the whole file, in a way of `ESCAPES`, `BOMBS` or `MISTAKES`."""
    ways: dict[str, Callable[[h5py.File, str], None]] = {**ESCAPES, **BOMBS, **MISTAKES}
    with h5py.File(path, "r+", libver="latest") as file:
        ways[how](file, name)
    return path


def _secret(file: h5py.File) -> Path:
    """A local file beside, with numbers that can be told, as HDF5 and bare."""
    path = Path(file.filename).with_suffix(".secret")
    if not path.exists():
        with h5py.File(path, "w") as secret:
            data = secret.create_dataset("a/b", data=np.full(2**16, SECRET))
            data.attrs.update({"x0": 1e9, "dx": 1 / 64, "xunit": "s"})
        path.with_suffix(".bare").write_bytes(np.full(2**16, SECRET).tobytes())
    return path


def _again(file: h5py.File, name: str, **settings: Any) -> h5py.Dataset:
    """Make a dataset anew, with the attributes of the one before."""
    before = file[name]
    attributes = dict(before.attrs)
    shape, dtype = settings.pop("shape", before.shape), settings.pop("dtype", before.dtype)
    del file[name]
    made = file.create_dataset(name, shape=shape, dtype=dtype, **settings)
    made.attrs.update(attributes)
    return made


def _by_link(file: h5py.File, name: str) -> None:
    secret = _secret(file)
    del file[name]
    file[name] = h5py.ExternalLink(str(secret), "/a/b")


def _by_group(file: h5py.File, name: str) -> None:
    secret = _secret(file)
    del file[name]
    file["elsewhere"] = h5py.ExternalLink(str(secret), "/a")
    file[name] = h5py.SoftLink("/elsewhere/b")


def _by_storage(file: h5py.File, name: str) -> None:
    secret = _secret(file).with_suffix(".bare")
    size = file[name].size
    _again(file, name, external=[(str(secret), 0, size * file[name].dtype.itemsize)])


def _by_layout(file: h5py.File, name: str) -> None:
    secret, before = _secret(file), file[name]
    attributes, layout = dict(before.attrs), h5py.VirtualLayout(before.shape, before.dtype)
    number = min(2**16, before.shape[0])
    place = (slice(number), *(0 for _ in before.shape[1:]))
    layout[place] = h5py.VirtualSource(str(secret), "a/b", (2**16,))[:number]
    del file[name]
    file.create_virtual_dataset(name, layout).attrs.update(attributes)


#: Ways out of a file: the content of others would be read.
ESCAPES = {
    "external link": _by_link,
    "external group": _by_group,
    "external storage": _by_storage,
    "virtual dataset": _by_layout,
}


@cache
def _deflated(number: int) -> bytes:
    """So many zeros, packed."""
    packer, block = zlib.compressobj(1), bytes(2**20)
    return b"".join(packer.compress(block) for _ in range(number >> 20)) + packer.flush()


def _huge_chunk(file: h5py.File, name: str) -> None:
    row = file[name].shape[1:]
    data = _again(file, name, shape=(_NUMBERS, *row), dtype="f8", chunks=(_NUMBERS, *row), compression="gzip")
    data.id.write_direct_chunk((0,) * data.ndim, _deflated(GREEDY))


def _swelling_chunk(file: h5py.File, name: str) -> None:
    shape = file[name].shape
    data = _again(file, name, chunks=shape, compression="gzip")
    data.id.write_direct_chunk((0,) * len(shape), _deflated(GREEDY))


def _large_swelling_chunk(file: h5py.File, name: str) -> None:
    """A chunk so large that what it has packed is not suspicious."""
    row = file[name].shape[1:]
    rows = 2**22 // int(np.prod(row, dtype=int))
    data = _again(file, name, shape=(rows, *row), dtype="f8", chunks=(rows, *row), compression="gzip")
    data.id.write_direct_chunk((0,) * data.ndim, _deflated(GREEDY))


def _tiny_chunks(file: h5py.File, name: str) -> None:
    row = file[name].shape[1:]
    _again(file, name, shape=(2**17, *row), chunks=(1, *(1 for _ in row)))


def _declared(file: h5py.File, name: str) -> None:
    _again(file, name, shape=(2**48, *file[name].shape[1:]), chunks=(2**16, *file[name].shape[1:]))


def _holes(file: h5py.File, name: str) -> None:
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    properties.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    row = file[name].shape[1:]
    _again(file, name, shape=(2**38 // int(np.prod(row, dtype=int)), *row), dtype="f4", dcpl=properties)


def _huge_attribute(file: h5py.File, name: str) -> None:
    # Large attributes need a header of a newer kind than the file's own datasets have.
    before = _again(file, name)
    before.attrs.create("much", np.zeros(2**21))


def _many_attributes(file: h5py.File, name: str) -> None:
    space, item = h5py.h5s.create(h5py.h5s.SCALAR), file[name].id
    for number in range(1100):
        h5py.h5a.create(item, f"much-{number}".encode(), h5py.h5t.NATIVE_INT8, space)


def _texts_again_and_again(file: h5py.File, name: str) -> None:
    """Very many texts; all could be the same bytes of the file."""
    del name
    texts = np.array(["x" * 1000] * 1000, dtype=object)
    file.attrs.create("ifos", texts, dtype=h5py.string_dtype())


def _many_groups(file: h5py.File, name: str) -> None:
    del name
    for number in range(20_100):
        h5py.h5g.create(file.id, f"group-{number}".encode())


def _long_name(file: h5py.File, name: str) -> None:
    del name
    file.create_group("n" * 50_000)


#: Small files that took gigabytes, minutes, or no end.
BOMBS = {
    "huge chunk": _huge_chunk,
    "swelling chunk": _swelling_chunk,
    "large swelling chunk": _large_swelling_chunk,
    "tiny chunks": _tiny_chunks,
    "declared samples": _declared,
    "samples of holes": _holes,
    "huge attribute": _huge_attribute,
    "many attributes": _many_attributes,
    "many texts": _texts_again_and_again,
    "many groups": _many_groups,
    "long name": _long_name,
}


def _other_type(dtype: Any) -> Callable[[h5py.File, str], None]:
    return lambda file, name: _again(file, name, dtype=dtype).attrs.update({})


def _attributes(change: Callable[[Any], Any]) -> Callable[[h5py.File, str], None]:
    """Change the spacing of a series, whatever it is called; or, of a ledger, the rate at the root."""

    def spoil(file: h5py.File, name: str) -> None:
        owners = [(item, key) for item in (file[name], file) for key in ("dx", "Xspacing", "sample_rate")]
        for item, key in owners:
            if key in item.attrs:
                changed = change(item.attrs[key])
                del item.attrs[key]
                if changed is not None:
                    item.attrs[key] = changed

    return spoil


def _two_dimensional(file: h5py.File, name: str) -> None:
    rows = file[name].shape[0]
    _again(file, name, shape=(1, rows, 1))


def _single(file: h5py.File, name: str) -> None:
    _again(file, name, shape=())


def _group(file: h5py.File, name: str) -> None:
    del file[name]
    file.create_group(name)


def _empty(file: h5py.File, name: str) -> None:
    del file[name]
    file[name] = h5py.Empty("f8")


def _dangling(file: h5py.File, name: str) -> None:
    del file[name]
    file[name] = h5py.SoftLink("/nowhere")


def _circle(file: h5py.File, name: str) -> None:
    del file[name]
    file[name] = h5py.SoftLink(f"/{name}")


def _provenance(text: str) -> Callable[[h5py.File, str], None]:
    def spoil(file: h5py.File, name: str) -> None:
        del name
        file.attrs["provenance"] = text

    return spoil


#: What belongs to no such file, and is told in a line.
MISTAKES = {
    "three dimensions": _two_dimensional,
    "single value": _single,
    "a group": _group,
    "empty": _empty,
    "dangling link": _dangling,
    "link to itself": _circle,
    "texts": _other_type(h5py.string_dtype()),
    "references": _other_type(h5py.ref_dtype),
    "lists": _other_type(h5py.vlen_dtype("f8")),
    "arrays": _other_type(np.dtype(("f8", (2,)))),
    "compound": _other_type(np.dtype([("a", "f8")])),
    "rate is zero": _attributes(lambda _: 0.0),
    "rate is negative": _attributes(lambda value: -value),
    "rate is NaN": _attributes(lambda _: np.nan),
    "rate is a text": _attributes(lambda _: "fast\x1b[31m\nfast"),
    "rate is a list": _attributes(lambda value: [value, value]),
    "rate is empty": _attributes(lambda _: h5py.Empty("f8")),
    "rate is missing": _attributes(lambda _: None),
    "rate is tiny": _attributes(lambda _: 1e-300),
    "provenance is a list": _provenance("[1, 2]"),
    "provenance is deep": _provenance("[" * 50_000),
    "provenance of lists": _provenance('{"arguments": [], "identity": [], "strain": [1], "cut": {}, "flags": 1}'),
    "provenance of texts": _provenance(
        '{"arguments": {"min_duration": "x"}, "strain": {"H1": ["x"]}, "cut": [1, {"start": "a"}], "packages": "x"}'
    ),
}
