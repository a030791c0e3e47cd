"""Veto definers as the detector characterisation groups write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igwn_ligolw import ligolw, lsctables, utils

if TYPE_CHECKING:
    from pathlib import Path

_COLUMNS = ("ifo", "name", "version", "category", "start_time", "end_time", "start_pad", "end_pad", "comment")

#: A file of the kind that was written before 2018: identifiers are texts.
OLD = """<?xml version='1.0' encoding='utf-8'?>
<!DOCTYPE LIGO_LW SYSTEM "http://ldas-sw.ligo.caltech.edu/doc/ligolwAPI/html/ligolw_dtd.txt">
<LIGO_LW>
  <Table Name="veto_definer:table">
    <Column Type="ilwd:char" Name="veto_definer:process_id"/>
    <Column Type="lstring" Name="veto_definer:ifo"/>
    <Column Type="lstring" Name="veto_definer:name"/>
    <Column Type="int_4s" Name="veto_definer:version"/>
    <Column Type="int_4s" Name="veto_definer:category"/>
    <Column Type="int_4s" Name="veto_definer:start_time"/>
    <Column Type="int_4s" Name="veto_definer:end_time"/>
    <Column Type="int_4s" Name="veto_definer:start_pad"/>
    <Column Type="int_4s" Name="veto_definer:end_pad"/>
    <Column Type="lstring" Name="veto_definer:comment"/>
    <Stream Delimiter="," Type="Local" Name="veto_definer:table">
      "process:process_id:0","H1","DCH-OMC",1,1,1000000000,1000000500,-2,3,"glitches, of the mode cleaner",
      "process:process_id:0","L1","DMT-OVERFLOW",2,2,1000000000,0,0,0,"\\"overflow\\""
    </Stream>
  </Table>
</LIGO_LW>
"""


def write_veto_definer(path: Path, *rows: tuple[str, int | None, int, tuple[int, int], tuple[int, int]]) -> Path:
    """Write a veto definer.

    Parameters
    ----------
    rows
        Of each: ``H1:NAME``, version, category, start and end of the span in which it applies, and the two pads.
    """
    document = ligolw.Document()
    table = document.appendChild(ligolw.LIGO_LW()).appendChild(lsctables.VetoDefTable.new(columns=_COLUMNS))
    for flag, version, category, valid, pads in rows:
        ifo, name = flag.split(":")
        values = (ifo, name, version, category, *valid, *pads, "why")
        table.append(table.RowType(**dict(zip(_COLUMNS, values, strict=True))))
    utils.write_filename(document, str(path))
    return path
