"""Partner organisations: their programs, what these may do, and what they are told."""
