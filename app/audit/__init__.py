"""The record that anyone can verify: every change in a hash chain, the chains sealed by anchors."""

from app.audit.chain import Head, changes, told
from app.audit.writing import append, write, write_all

__all__ = ["Head", "append", "changes", "told", "write", "write_all"]
