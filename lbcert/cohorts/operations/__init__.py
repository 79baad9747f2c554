"""What changes a cohort: its plan, its way from draft to closed, its people, seats, menu and roster."""
