"""Text that must be shown as it is: escapes what Streamlit's markdown would interpret."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~$:^])")


def plain(text: str) -> str:
    """The same text with every markdown character escaped."""
    return _SPECIAL.sub(r"\\\1", text)
