"""``aframe-data snakefile``: where the workflow lies."""

from __future__ import annotations

from importlib.resources import files

import rich_click as click

from aframe_data.cli.report import print_json, print_text
from aframe_data.cli.written import WrittenCommand


@click.command(
    "snakefile",
    cls=WrittenCommand,
    epilog="snakemake --snakefile $(aframe-data snakefile) --configfile config.yaml --cores 2",
)
def command(*, as_json: bool) -> None:
    """Print the path of a Snakemake workflow that makes a whole data set.

    The workflow reads Aframe's own configuration. It runs by itself, or instead of pipeline/data.smk in Aframe's
    pipeline. The extra `snakemake` of aframe-data installs Snakemake.
    """
    path = str(files("aframe_data.aframe") / "data.smk")
    if as_json:
        print_json({"snakefile": path})
    else:
        print_text(path)
