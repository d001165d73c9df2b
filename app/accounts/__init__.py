"""Who may enter, for which organisation, and what each person may do."""
