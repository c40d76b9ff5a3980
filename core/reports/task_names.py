"""Task names for reading: words apart, without a first word that all of them share."""

from collections.abc import Sequence


def reading_names(tasks: Sequence[str]) -> dict[str, str]:
    """Task → its name for a person: "tw_last_word" beside other "tw_…" is "last word"."""
    words = {task: task.split("_") for task in tasks}
    firsts = {first for first, *_ in words.values()}
    shared = len(firsts) == 1 and all(len(one) > 1 for one in words.values())
    return {task: " ".join(one[1:] if shared else one) for task, one in words.items()}
