"""An exam kept apart from training: an invariant, a stage, and random sequences of operations that are held against it."""
