"""What one odd event or row can raise: reasons to pass it over, never to stop for the others."""

from __future__ import annotations

import msgspec
from django.db import DataError, IntegrityError

from ringtrace.core.errors import BadInput

POISON = (
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    msgspec.MsgspecError,
    BadInput,
    IntegrityError,
    DataError,
)
