"""Reading frame files (GWF, LIGO-T970130): no plugin, but what plugins use.

`reader` is what they call. `wholeness` refuses damaged files before a library sees them, `with_gwframe` and
`with_lalframe` decode: the first is faster, the second comes with lalsuite. `names` reads the names of files,
`joining` makes one series of what several files gave.
"""
