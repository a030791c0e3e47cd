"""From what the user typed to a provider: names, aliases and patterns; and making the real thing.

A `Choice` is a provider with its resolved options: small, hashable and picklable, so that it travels to
worker processes, which make the real object there.
"""

from __future__ import annotations

import errno
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aframe_data.errors import AframeDataError, PluginError, UsageError
from aframe_data.plugin.code import Code, module_file
from aframe_data.plugin.records import PriorProvider, Provider
from aframe_data.plugin.values import resolve
from aframe_data.registry.discovery import KINDS
from aframe_data.registry.loading import load_class, protocols_of, settle_object
from aframe_data.registry.names import find, match, registered
from aframe_data.registry.ownership import owner_of
from aframe_data.store.identity import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aframe_data.registry.names import Registered


#: What the system says of a full disk, whoever writes.
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Choice:
    """A provider that was chosen, with its options.

    Attributes
    ----------
    kind, key
        Find the provider: see `aframe_data.registry.names.registered`.
    options
        An instance of the provider's options dataclass, or None.
    """

    kind: str
    key: str
    options: Any = None

    @property
    def registered(self) -> Registered:
        """The registry's entry."""
        return find(self.kind, self.key)

    @property
    def provider(self) -> Provider:
        """The provider's record."""
        return self.registered.provider

    @property
    def module(self) -> str:
        """The module of its class, which workers begin with."""
        return self.provider.load.partition(":")[0]

    def create(self) -> Any:
        """Import the class and make the object.

        Raises
        ------
        MissingDependencyError
            A required package is not installed.
        PluginError
            The class cannot be imported, or does not do what its kind asks for.
        UsageError
            The provider refuses its options.
        """
        entry = self.registered
        cls = load_class(entry)
        with self.at_work():
            instance = cls() if self.options is None else cls(self.options)
        if not all(isinstance(instance, protocol) for protocol in protocols_of(entry.provider)):
            raise PluginError(f"{entry.provider.load} does not do what a {entry.provider.title} must do.")
        return instance

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Say of errors that a stranger's plugin should not raise whose they are; for what is asked of its object.

        Raises
        ------
        PluginError
            In place of such an error, with the plugin's name and version.
        """
        try:
            yield
        except (AframeDataError, MemoryError):
            raise
        # A stranger's code may raise anything, even SystemExit.
        except (Exception, SystemExit) as error:
            plugin = self.registered.plugin
            if plugin.built_in or (isinstance(error, OSError) and error.errno in _FULL):
                raise
            text = " ".join(str(error).split()).rstrip(".")
            raise PluginError(
                f"{self.provider.title} {self.key!r} of {plugin.distribution} {plugin.version} failed: "
                f"{type(error).__name__}{': ' if text else ''}{text}. This is a bug of the plugin."
            ) from error

    @property
    def data_options(self) -> frozenset[str]:
        """Names of the options on which the data depends."""
        return frozenset(spec.name for spec in self.provider.option_specs if spec.affects_data)

    @property
    def identity(self) -> dict[str, Any]:
        """What of it the data depends on: options that affect it, and of files that these name, the content."""
        specs = [spec for spec in self.provider.option_specs if spec.affects_data]
        values = {spec.name: getattr(self.options, spec.name) for spec in specs}
        files = {spec.name: hashes for spec in specs if (hashes := _hashes(values[spec.name], among_texts=spec.files))}
        return {
            "name": self.key,
            "distribution": self.registered.plugin.distribution,
            "options": {name: plain(value) for name, value in values.items() if name not in files},
            **({"sha256": files} if files else {}),
        }

    def describe(self) -> dict[str, Any]:
        """What the provenance keeps: name, distribution, version and all options."""
        plugin = self.registered.plugin
        options = {spec.name: getattr(self.options, spec.name) for spec in self.provider.option_specs}
        code = [value for value in options.values() if isinstance(value, Code) and value.sha256]
        return {
            "name": self.key,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "options": {name: plain(value) for name, value in options.items()},
            **({"code": {value.name: _described(value) for value in code}} if code else {}),
        }


def _hashes(value: Any, *, among_texts: bool) -> Any:
    """The content of the files and the code that an option names, as hashes; None where it names none."""
    if isinstance(value, Code):
        return value.content
    if isinstance(value, Path):
        import hashlib  # a help page does without

        return hashlib.sha256(value.read_bytes()).hexdigest() if value.is_file() else None
    if not among_texts:
        return None
    if isinstance(value, tuple):
        return [_hashes(text, among_texts=True) or text for text in value]
    name, _, path = ("", "", value) if Path(value).is_file() else value.partition("=")
    found = _hashes(Path(path), among_texts=True)
    return found and (f"{name}={found}" if name else found)


def _described(code: Code) -> dict[str, Any]:
    return {**({"file": code.file} if code.file else {}), "sha256": code.sha256}


def choose(kind: str, name: str | Code, options: Mapping[str, Any] | None = None) -> Choice:
    """Choose one provider by name and resolve its options.

    Parameters
    ----------
    kind
        A key of `aframe_data.registry.discovery.KINDS`.
    name
        As the user typed it. For a prior also a text that a provider's pattern accepts (a file, a dotted
        path), or an object that Python gave.
    options
        Name and value of the options that the user gave.

    Raises
    ------
    UsageError
        Unknown name, or an option that the provider does not have or does not allow.
    """
    text: str | Code | None
    if isinstance(name, Code):
        entry, text = _taking_objects(kind), name
    else:
        entry, text = match(kind, name)
        _tell(kind, name, entry, text)
    provider = entry.provider
    given = {owner_of([entry], option)[1]: value for option, value in (options or {}).items()}
    if text is not None and isinstance(provider, PriorProvider) and provider.pattern_option:
        given[provider.pattern_option] = text
    if provider.options is None:
        return Choice(kind, entry.key)
    resolved = resolve(provider.options, given, owner=provider.name)
    return Choice(kind, entry.key, settle_object(entry, resolved) if isinstance(text, Code) else resolved)


def _taking_objects(kind: str) -> Registered:
    entries = [entry for entry in registered(kind) if getattr(entry.provider, "objects", "")]
    if not entries:
        raise UsageError(f"no {KINDS[kind].title} takes Python objects: give a name.")
    return entries[0]


def _tell(kind: str, name: str, taken: Registered, text: object) -> None:
    """Say which was taken of a function and the provider that stands for it elsewhere."""
    module = name.rpartition(".")[0]
    alike = [entry for entry in registered(kind) if name in entry.provider.aliases]
    if not module or not alike:
        return
    import logging  # a help page does without

    if text is None:
        words = f"{taken.plugin.distribution}'s own {taken.key!r}: there is no module {module!r}."
    else:
        own = f"{alike[0].plugin.distribution}'s own {alike[0].key!r}"
        words = f"the function in {module_file(module) or module}, not {own}."
    logging.getLogger(__name__).warning("%s %r is %s", taken.provider.title, name, words)


@cache
def made(choice: Choice) -> Any:
    """What a choice creates, made once in each process; errors as `Choice.create`."""
    return choice.create()


def assign_options(entries: Sequence[Registered], options: Mapping[str, Any]) -> list[Choice]:
    """Give each option to the provider that has it, and make the choices.

    An option may be written ``provider-field`` (or with underscores), or barely ``field`` where exactly one
    of the providers has it.

    Raises
    ------
    UsageError
        No chosen provider, or more than one of them, has the option.
    """
    given: dict[str, dict[str, Any]] = {entry.key: {} for entry in entries}
    for name, value in options.items():
        entry, option_name = owner_of(entries, name)
        if option_name in given[entry.key]:
            flag = f"{entry.provider.name}-{option_name}".replace("_", "-")
            raise UsageError(f"--{flag} is given twice, under two of its names.")
        given[entry.key][option_name] = value
    return [choose(entry.provider.kind, entry.key, given[entry.key]) for entry in entries]
