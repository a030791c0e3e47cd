"""What authors import: the modules that docs/plugins.md promises to them, and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "plugins.md"
TEMPLATE = ROOT / "aframe_data" / "authoring" / "template"


def public() -> dict[str, set[str] | None]:
    """The public modules, with the names that are public in them; None for all."""
    section = DOCUMENT.read_text(encoding="utf-8").split("\n### Public modules\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`aframe_data.*?) \| (.*?) \|", section, re.MULTILINE)
    return {
        module: None if names == "all" else set(re.findall(r"`(\w+)`", names))
        for modules, names in rows
        for module in re.findall(r"`([\w.]+)`", modules)
    }


def source_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def texts() -> Iterator[tuple[str, str]]:
    """Where authors' code stands, ours included, and the code."""
    for folder in ("plugins", "priors", "examples"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
    for path in sorted(TEMPLATE.rglob("*.py.txt")):
        yield path.name, re.sub(r"\$\{?\w+\}?", "name", path.read_text(encoding="utf-8"))
    for path in (DOCUMENT, *sorted((ROOT / "docs" / "howto").glob("*.md"))):
        for block in re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            yield path.name, block


def used(code: str) -> Iterator[tuple[str, str]]:
    """The modules of aframe_data that code names, each with a name that it takes of it."""
    tree, modules = ast.parse(code), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("aframe_data."):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if source_of(whole).exists():
                    modules[alias.asname or alias.name] = whole
                else:
                    yield str(node.module), alias.name
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if f"{alias.name}.".startswith("aframe_data."))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"^(aframe_data(?:\.\w+)+):(\w+)$", node.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield modules[node.value.id], node.attr


def test_built_ins_and_examples_import_only_what_is_public() -> None:
    promised = public()
    every = [(where, *one) for where, code in texts() for one in used(code)]
    assert len(every) > 300
    assert [
        (where, module, name)
        for where, module, name in every
        if module not in promised or (promised[module] is not None and name not in (promised[module] or ()))
    ] == []


def test_public_modules_have_what_is_promised_and_are_in_the_reference() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "api").glob("*.md")))
    shown = re.findall(r"^::: (\S+)(?:\n    options: \{ members: \[(.*?)\] \})?$", pages, re.MULTILINE)
    members = {module: set(re.findall(r"\w+", names)) for module, names in shown}
    for module, names in public().items():
        assert module in members or module == "aframe_data.plugin"
        if names is not None:
            assert members[module] == names
            code = source_of(module).read_text(encoding="utf-8")
            defined = re.findall(r"^(?:def |class )?(\w+)(?= = |[(:])", code, re.MULTILINE)
            assert names <= {*defined, "ForeignFileError"}
