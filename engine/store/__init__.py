"""How cases are kept: the only place that speaks SQL."""
