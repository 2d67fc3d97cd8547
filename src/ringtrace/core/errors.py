"""One error tree. Every error says what the person should do and whether a retry can help.

RingtraceError
├── BadInput            E100  what was sent cannot be read; sending it again will not help
│   ├── BadPhoneNumber  E101
│   ├── BadUrl          E102
│   ├── UnreadableBody  E103
│   └── TooThin         E104  there is too little data for what was asked
├── NotFound            E200  the row is not there, or not yours to see
├── StoreUnavailable    E300  the disk or the database did not take it; try again
│   └── LakeMoved       E303  the lake was published anew meanwhile; ask again
├── StoreBehind         E301  the store was made by a newer Ringtrace
├── DataDirBusy         E302  another Ringtrace runs on this data directory
└── PartMissing         E400  a program or package that is needed is not installed
"""

from __future__ import annotations


class RingtraceError(Exception):
    """The root. `code` is short and stable, `hint` is for the person, `retry` says if trying again can help."""

    code = "E000"
    retry = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.code}: {self.args[0]}"
        return f"{text} {self.hint}" if self.hint else text


class BadInput(RingtraceError):
    code = "E100"


class BadPhoneNumber(BadInput):
    code = "E101"


class BadUrl(BadInput):
    code = "E102"


class UnreadableBody(BadInput):
    code = "E103"


class TooThin(BadInput):
    code = "E104"


class NotFound(RingtraceError):
    code = "E200"


class StoreUnavailable(RingtraceError):
    code = "E300"
    retry = True


class LakeMoved(StoreUnavailable):
    code = "E303"


class StoreBehind(RingtraceError):
    code = "E301"


class DataDirBusy(RingtraceError):
    code = "E302"
    retry = True


class PartMissing(RingtraceError):
    code = "E400"
