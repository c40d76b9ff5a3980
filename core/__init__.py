"""Partway's library: merging, measuring and reading along λ.

Imports go down only (see the floors in README.md); this file imports nothing, so that
`import core.api` stays light. The command line is `python -m core --help`.
"""
