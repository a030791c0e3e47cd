"""``aframe-data snakefile``: where the workflow lies."""

from __future__ import annotations

from importlib.resources import files

import rich_click as click

from aframe_data.cli.pages import Command
from aframe_data.cli.report import print_line


@click.command(
    "snakefile",
    cls=Command,
    epilog="snakemake --snakefile $(aframe-data snakefile) --configfile config.yaml --cores 2",
)
def command() -> None:
    """Print the path of the Snakemake workflow that makes all data of Aframe.

    It runs alone, with the keys of Aframe's own configuration, or in the place of Aframe's pipeline/data.smk.
    Snakemake itself is installed with aframe-data's extra: snakemake.
    """
    print_line(str(files("aframe_data.aframe") / "data.smk"))
