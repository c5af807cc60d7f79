"""Many cases weighed against one sighting at once, by the numbers and formulas of `compare/*`.

`pack` prepares a case once (its words, names and marks taken apart), `columns_of` puts prepared
cases side by side, `weights` gives the total bits of each: those that `judge` would give, to 1e-6.
Only the heaviest are then judged one by one, so that evidence is worded in one place.
"""
