"""The curriculum-based track of the 2007 timetabling competition: its files, our engine's problem for them, and a checker."""
