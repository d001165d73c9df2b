"""The record that anyone can verify: every change in a hash chain, the chains sealed by anchors."""

from app.audit.chain import Head, told
from app.audit.writing import append, write

__all__ = ["Head", "append", "told", "write"]
