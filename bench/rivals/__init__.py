"""Other ways of matching, run on the same data in the same run."""
