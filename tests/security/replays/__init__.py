"""Every id that one person sees, tried by everybody else at every address (T10)."""
