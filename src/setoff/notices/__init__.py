"""Inter-branch notices: one paper with the entries of two units, booked in both at once when the other unit confirms it (spec 2.13)."""
