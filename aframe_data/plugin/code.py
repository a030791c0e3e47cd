"""Python code as the value of an option: a function named by a dotted path, or an object passed in Python.

As with a file, the content says whether two requests are the same. Nothing is imported here to find it.
"""

from __future__ import annotations

import pickle
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec


@dataclass(frozen=True)
class Code:
    """A function, by the path under which it is imported; or an object.

    Attributes
    ----------
    name
        The dotted path; of an object its own or, where it has none, its class's.
    sha256
        Of the file in which the function's module stands, or of what tells the object from others; None where that
        is not known.
    file
        The function's file.
    value
        The object; None for a function that is to be imported.
    """

    name: str
    sha256: str | None = None
    file: str = field(default="", compare=False)
    value: Any = field(default=None, hash=False, repr=False)

    @classmethod
    def at(cls, name: str) -> Code:
        """The function at a dotted path, with the content of its module as it is now."""
        import hashlib  # a help page does without

        file = module_file(name.rpartition(".")[0])
        if not file:
            return cls(name)
        return cls(name, hashlib.sha256(Path(file).read_bytes()).hexdigest(), file)

    @classmethod
    def of(cls, value: Any) -> Code:
        """An object that Python gave."""
        return cls(_name_of(value), value=value)

    def __str__(self) -> str:
        return self.name

    @property
    def content(self) -> str | None:
        """What the data depends on, wherever the module lies; None where only the name is known."""
        if self.sha256 is None or self.value is not None:
            return self.sha256
        return f"{self.name.rpartition('.')[2]}={self.sha256}"

    @property
    def bound_here(self) -> str:
        """Why the object cannot be sent to other processes, in a few words; empty where it can."""
        try:
            sent = pickle.dumps(self.value)
        # The object's own methods may raise anything.
        except Exception as error:  # noqa: BLE001
            return " ".join(str(error).split()).rstrip(".") or type(error).__name__
        typed_in = not hasattr(sys.modules["__main__"], "__file__")
        return "it needs what was typed into this session" if typed_in and b"__main__" in sent else ""


def loaded(target: str) -> Any:
    """What ``"package.module:name"`` names, imported."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def _name_of(value: Any) -> str:
    """The qualified name of a function or a class, or that of an object's class: never an address."""
    if isinstance(value, partial):
        return _name_of(value.func)
    if isinstance(value, tuple) and value:
        return _name_of(value[0])
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


@contextmanager
def working_directory_first() -> Iterator[None]:
    """Have modules looked for in the current working directory first, as with ``python -m``."""
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def module_file(name: str) -> str | None:
    """The file of a module, found without importing it or the packages above it.

    Returns
    -------
    str or None
        Empty for a module that has no file; None where there is no module of that name. A folder without
        ``__init__.py`` is none: it holds no functions.
    """
    import importlib.util  # a help page does without

    top, *below = name.split(".")
    if name in sys.modules:
        return getattr(sys.modules[name], "__file__", None) or ""
    importlib.invalidate_caches()  # the user may just have written it
    with working_directory_first():
        try:
            found = importlib.util.find_spec(top)
        except ValueError:  # a module that was made by hand
            return None
        whole = top
        for part in below:
            if found is None:
                return None
            whole = f"{whole}.{part}"
            found = _below(whole, list(found.submodule_search_locations or ()))
    if found is None or found.loader is None:
        return None
    return found.origin or "" if found.has_location else ""


def _below(name: str, folders: Sequence[str]) -> ModuleSpec | None:
    """Find a module in the folders of its package; `importlib` would import the package for that."""
    import pkgutil
    from importlib.machinery import ModuleSpec

    portions: list[str] = []
    for folder in folders:
        finder = pkgutil.get_importer(folder)
        found = None if finder is None else finder.find_spec(name)
        if found is not None and found.loader is not None:
            return found
        portions += [] if found is None else found.submodule_search_locations or []
    if not portions:
        return None
    folder_only = ModuleSpec(name, None, is_package=True)
    folder_only.submodule_search_locations = portions
    return folder_only
