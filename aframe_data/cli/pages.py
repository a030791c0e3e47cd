"""How help pages look: options in panels, each name whole however narrow the page is, and an example at the end."""

from __future__ import annotations

import shlex
import textwrap
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich_click.rich_help_formatter import RichHelpFormatter

from aframe_data.requests import RUNNING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.text import Text

#: The panel of what has no flag, and that of options without one.
ARGUMENTS, _OPTIONS = "Arguments", "Options"
#: Columns that a panel takes for its frame.
_FRAME = 4
#: Names that are longer than this, or than two fifths of the page, stand in a line of their own.
_SHORT = 24


class Option(click.RichOption):
    """An option some of whose names go on working and are shown nowhere.

    Parameters
    ----------
    unshown
        These names.
    """

    def __init__(self, declared: Sequence[str], *, unshown: Sequence[str] = (), **settings: Any) -> None:
        super().__init__(declared, **settings)
        self.unshown = frozenset(unshown)


class OptionPanel(click.RichOptionPanel):
    """Options in two columns, or with the names above the help where they are long; no name is ever broken."""

    def get_table(self, command: Any, ctx: Any, formatter: Any) -> Any:
        """Lay out the options, as wide as the page: a table of one cell, or of none where there are no options."""
        from rich.table import Table

        table = Table.grid()
        parameters = [*self.get_objects(command, ctx)]
        if parameters:
            table.add_row(self._text(parameters, formatter))
        return table

    def _text(self, parameters: Sequence[click.Parameter], formatter: Any) -> Text:
        width = formatter.width - _FRAME
        names = [_names(parameter) for parameter in parameters]
        mark = 2 * any(parameter.required for parameter in parameters)
        longest = max(_SHORT, width * 2 // 5)
        column = max([len(text) for shown in names if len(text := ", ".join(shown)) <= longest], default=_SHORT)
        lines: list[str] = []
        for parameter, shown in zip(parameters, names, strict=True):
            first = "* "[:mark] if parameter.required else " " * mark
            text, room = getattr(parameter, "help", None) or "", max(width - mark - column - 2, 1)
            help_lines = textwrap.wrap(text, room, break_on_hyphens=False) or [""]
            said = [*_joined(shown, width - mark)]
            if len(said) == 1 and len(said[0]) <= column:
                said = [f"{said[0]:<{column}}  {help_lines[0]}".rstrip()]
                help_lines = help_lines[1:]
            lines += [first + said[0], *(" " * mark + more for more in said[1:])]
            lines += [" " * (mark + column + 2) + line for line in help_lines]
        return _coloured("\n".join(lines), [name for shown in names for name in shown], formatter)


def _names(parameter: click.Parameter) -> list[str]:
    """What stands for a parameter, the value behind the last name."""
    metavar = parameter.metavar or ("" if getattr(parameter, "is_flag", False) else parameter.type.name)
    if isinstance(parameter, click.Argument):
        return [metavar]
    unshown = getattr(parameter, "unshown", ())
    opts = sorted((name for name in parameter.opts if name not in unshown), key=lambda name: name.startswith("--"))
    opts += [name for name in parameter.secondary_opts if name not in unshown]
    return [*opts[:-1], f"{opts[-1]} {metavar}".rstrip()]


def shown_name(parameter: click.Parameter) -> str:
    """What messages call a parameter: its long name, without the value."""
    return _names(parameter)[-1].partition(" ")[0]


def _joined(names: Sequence[str], width: int) -> Iterator[str]:
    """The names in as few lines as they need; a line ends between two names only."""
    line = ""
    for name in names:
        if line and len(line) + 2 + len(name) > width:
            yield f"{line},"
            line = name
        else:
            line = f"{line}, {name}" if line else name
    yield line


def _coloured(text: str, names: Sequence[str], formatter: Any) -> Text:
    from rich.text import Text

    shown = Text(text, no_wrap=True, overflow="ignore")
    formatter.highlighter.highlight(shown)
    start = 0
    for name in names:
        flag = name.partition(" ")[0]
        start = text.index(name, start)
        shown.stylize(formatter.config.style_option, start, start + len(flag))
        shown.stylize(formatter.config.style_metavar, start + len(flag), start + len(name))
        start += len(name)
    return shown


class _Page(RichHelpFormatter):
    option_panel_class = OptionPanel


class PageContext(click.RichContext):
    """The context of our commands: their help pages are made of `OptionPanel`."""

    formatter_class = _Page


def example_lines(example: str, width: int) -> list[str]:
    """A command line that can be copied: where it is broken, before an option, a backslash says so."""
    lines = [""]
    words = shlex.split(example, posix=False)
    for word, following in zip(words, [*words[1:], ""], strict=True):
        needed = len(word) if following.startswith("-") or not word.startswith("-") else len(f"{word} {following}")
        if word.startswith("-") and len(lines[-1]) + 1 + needed + 2 > width:
            lines[-1] += " \\"
            lines.append(f"    {word}")
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines


class _Paged(click.RichCommand):
    """What has such a page; its `epilog` is the example."""

    context_class = PageContext

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the example."""
        del ctx
        if self.epilog:
            lines = [" Example:", *(f"   {line}" for line in example_lines(self.epilog, formatter.width - 3))]
            formatter.write("\n".join(lines) + "\n", soft_wrap=True, highlight=False, markup=False)


class Command(_Paged):
    """A command with such a page."""

    def get_help_option(self, ctx: Any) -> click.Option | None:
        """Return ``--help``, among the options of how a command is run."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.panel = RUNNING  # type: ignore[attr-defined]  # it is rich-click's
        return found

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the panels: arguments first, how the command is run last, the others in the order of the options."""
        titles = dict.fromkeys(getattr(parameter, "panel", None) or _OPTIONS for parameter in self.get_params(ctx))
        ordered = [ARGUMENTS, *(title for title in titles if title not in (ARGUMENTS, RUNNING)), RUNNING]
        self.panels = [OptionPanel(title) for title in ordered]
        super().format_options(ctx, formatter)


class Group(click.RichGroup, _Paged):  # type: ignore[misc]  # as RichGroup itself, which is a Group and a RichCommand
    """A group of commands with such a page."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which the commands were added."""
        del ctx
        return list(self.commands)
