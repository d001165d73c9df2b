"""What each element does: one behaviour a class, on SpiffWorkflow's spec classes."""
