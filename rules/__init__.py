"""The language of rules: FEEL expressions and DMN decisions, pure and without I/O."""
