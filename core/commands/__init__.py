"""The command line, one verb a file; `python -m core --help`."""
