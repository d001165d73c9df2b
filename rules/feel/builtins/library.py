"""All built-in functions in one place, checked against the names that the parser knows."""

from types import MappingProxyType
from typing import Final

from rules.feel.builtins.contexts import CONTEXTS
from rules.feel.builtins.conversions import CONVERSIONS
from rules.feel.builtins.intervals import INTERVALS
from rules.feel.builtins.lists import LISTS
from rules.feel.builtins.moments import MOMENTS
from rules.feel.builtins.numeric import NUMERIC
from rules.feel.builtins.strings import STRINGS

FUNCTIONS: Final = MappingProxyType(
    {
        name: function
        for registry in (CONVERSIONS, MOMENTS, NUMERIC, STRINGS, LISTS, CONTEXTS, INTERVALS)
        for name, function in registry.functions.items()
    }
)
