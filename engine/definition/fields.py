"""Fields of a case: what they may hold, and the one stored form of what people type.

`canonical` reads, `typed` gives the value guards compute with, `shown` the text people read.
"""

from engine.definition.field_forms import NOT_GIVEN, shown, shown_value, typed
from engine.definition.field_reading import SHANGHAI, canonical
from engine.definition.field_spec import (
    RESERVED_NAMES,
    FieldFault,
    FieldFaults,
    FieldSpec,
    FieldType,
    Money,
    Period,
)

__all__ = [
    "NOT_GIVEN",
    "RESERVED_NAMES",
    "SHANGHAI",
    "FieldFault",
    "FieldFaults",
    "FieldSpec",
    "FieldType",
    "Money",
    "Period",
    "canonical",
    "shown",
    "shown_value",
    "typed",
]
