"""Other people's tests, run against ours."""
