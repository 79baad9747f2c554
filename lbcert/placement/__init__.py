"""What became of the learner: a job, or a better one."""
