"""Learning from tables: the only place that loads scikit-learn and its kin, and only `tasks` asks it."""
