"""From XML to specs: hardened, completed, checked, never guessed."""
