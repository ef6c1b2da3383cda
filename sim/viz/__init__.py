"""Pictures drawn from result tables; no picture code reads a model's state."""
