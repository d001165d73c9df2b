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

_REGISTRIES: Final = (CONVERSIONS, MOMENTS, NUMERIC, STRINGS, LISTS, CONTEXTS, INTERVALS)

FUNCTIONS: Final = MappingProxyType(
    {name: function for registry in _REGISTRIES for name, function in registry.functions.items()}
)
SIGNATURES: Final = MappingProxyType(
    {name: registry.signatures(name) for registry in _REGISTRIES for name in registry.functions}
)
"""Every way to call each of them, in words for people: the reference is written from these."""
