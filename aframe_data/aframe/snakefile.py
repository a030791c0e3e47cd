"""``aframe-data snakefile``: where the workflow lies."""

from __future__ import annotations

from importlib.resources import files

import rich_click as click

from aframe_data.cli.pages import Command
from aframe_data.cli.report import print_text


@click.command(
    "snakefile",
    cls=Command,
    epilog="snakemake --snakefile $(aframe-data snakefile) --configfile config.yaml --cores 2",
)
def command() -> None:
    """Print the path of a Snakemake workflow that makes a whole data set.

    The workflow reads Aframe's own configuration. It runs by itself, or instead of pipeline/data.smk in Aframe's
    pipeline. The extra `snakemake` of aframe-data installs Snakemake.
    """
    print_text(str(files("aframe_data.aframe") / "data.smk"))
