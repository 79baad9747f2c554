"""What a cohort must satisfy: plain values in, findings out; the limits come from policy, with their sources."""
