"""Assessment by a body that is not the trainer: batches, candidates, marks, results."""
