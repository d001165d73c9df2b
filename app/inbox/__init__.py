"""The approver's desk: what waits for whom, why, and the verbs that decide."""
