"""Six groups of items by their string of right and wrong along λ; each item is in exactly one.

    grouped(right, there).group      # (items,) numbers into GROUPS

A string is read from the lowest λ to the highest. With ✓ right and ✗ wrong, and + for "once or
more":

    always  ✓+          gained  ✓+✗+        inside  ✗+✓+✗+
    never   ✗+          lost    ✗+✓+        mixed   every other string

"Gained" and "lost" are said of λ falling, from instruct towards base. A λ without an answer is a
gap and is left out of the string: an item is placed by the λ that it has, so one that has a
single λ is always or never. Because the groups part the items, the items of all groups that are
right at a λ, over the items that are there, are that λ's accuracy.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Group = Literal["always", "gained", "lost", "inside", "mixed", "never"]
GROUPS: tuple[Group, ...] = get_args(Group)
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class GroupWords:
    """How a group is called and what it is."""

    name: str
    pattern: str  # from the lowest λ to the highest
    meaning: str


WORDS: dict[Group, GroupWords] = {
    "always": GroupWords("Always", "✓…✓", "right at every λ"),
    "gained": GroupWords(
        "Gained as λ falls", "✓…✓✗…✗", "right from the lowest λ up to some λ, wrong above it"
    ),
    "lost": GroupWords(
        "Lost as λ falls", "✗…✗✓…✓", "wrong from the lowest λ up to some λ, right above it"
    ),
    "inside": GroupWords(
        "Only inside", "✗…✗✓…✓✗…✗", "wrong at both ends, right in one stretch in between"
    ),
    "mixed": GroupWords(
        "Mixed", "any other", "wrong only in between, or changing three times and more"
    ),
    "never": GroupWords("Never", "✗…✗", "wrong at every λ"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """What the strings of many items say; one entry an item."""

    group: Ints  # numbers into GROUPS
    flips: Ints  # how often right turns to wrong or back
    first_flip: Ints  # the column at which the first change is seen; columns where there is none
    gaps: Ints  # λ without an answer


def grouped(right: Bools, there: Bools) -> Grouped:
    """Place every item; `right` and `there` are items × λ, λ ascending.

    An item without any answer is not an item here: give none such.
    """
    items, columns = right.shape
    flips, first_flip = np.zeros(items, np.intp), np.full(items, columns)
    seen, first, last = (np.zeros(items, bool) for _ in range(3))
    for column in range(columns):
        here, now = there[:, column], right[:, column]
        changed = here & seen & (now != last)
        first_flip[changed & (flips == 0)] = column
        flips += changed
        first = np.where(here & ~seen, now, first)
        last = np.where(here, now, last)
        seen |= here
    return Grouped(_placed(flips, first), flips, first_flip, columns - there.sum(axis=1))


def _placed(flips: Ints, first: Bools) -> Ints:
    """The group follows from how often the string changes and how it begins."""
    begins_right: dict[int, Group] = {0: "always", 1: "gained"}
    begins_wrong: dict[int, Group] = {0: "never", 1: "lost", 2: "inside"}
    placed = np.full(len(flips), GROUPS.index("mixed"))
    for right, known in ((True, begins_right), (False, begins_wrong)):
        for count, group in known.items():
            placed[(first == right) & (flips == count)] = GROUPS.index(group)
    return placed
