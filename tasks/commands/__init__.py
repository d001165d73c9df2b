"""The bodies of `placet`'s commands: one module a command, each a plain function."""
