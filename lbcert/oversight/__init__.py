"""What everybody may look at and object to: public notices (公示) with their objections (异议)."""
