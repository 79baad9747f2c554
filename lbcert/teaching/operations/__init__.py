"""What teaching writes: sessions, attendance, and the school's own test."""
