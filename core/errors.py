"""Everything that can go wrong for a person, as one small tree.

    PartwayError
    ├── InputError          a value given by a person cannot be used        exit 2
    │   ├── LambdaError     λ is no number, off the grid or out of range
    │   ├── NameRefused     a name or id that must not become a path
    │   └── NotKnown        no pair, suite, task, judge or run of that name
    ├── PairError           two parents that Partway will not merge         exit 3
    ├── EngineError         the engine could not do what was asked          exit 4
    │   ├── EngineUnavailable   no engine answers
    │   ├── PairInUse           the pair cannot leave memory while it is worked with
    │   └── ContextOverflow     the prompt does not fit the model
    ├── StoreError          results cannot be read or written               exit 5
    │   └── RunLocked       another process is writing this run
    ├── TaskError           a task or suite definition is broken            exit 6
    └── JudgeError          a judge could not be asked                      exit 7

Not here: bugs. Those stay ordinary Python exceptions and keep their traceback in the log.
Each message is one sentence that holds the bad value, and one that holds the next step.
"""


class PartwayError(Exception):
    """A problem that a person can understand and act on."""

    exit_code = 1


class InputError(PartwayError):
    """A value given by a person cannot be used."""

    exit_code = 2


class LambdaError(InputError):
    """λ is no number, has more than three decimals, or is out of range."""


class NameRefused(InputError):
    """A name or id holds characters that must not become part of a path."""


class NotKnown(InputError):
    """No pair, suite, task, judge or run of that name."""


class PairError(PartwayError):
    """Two parents that Partway will not merge."""

    exit_code = 3


class EngineError(PartwayError):
    """The engine could not do what was asked."""

    exit_code = 4


class EngineUnavailable(EngineError):
    """No engine answers at the address given."""


class PairInUse(EngineError):
    """The pair cannot leave memory, or be read anew, while requests work with it."""


class ContextOverflow(EngineError):
    """The prompt and the answer do not fit into the model's context."""


class StoreError(PartwayError):
    """Results cannot be read or written."""

    exit_code = 5


class RunLocked(StoreError):
    """Another process is writing this run."""


class TaskError(PartwayError):
    """A task or suite definition is broken."""

    exit_code = 6


class JudgeError(PartwayError):
    """A judge could not be asked."""

    exit_code = 7
