"""What employers and regions ask for: orders, their lines, and the people an employer chose."""
