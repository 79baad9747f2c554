"""Brings the scene to every test of the room."""

from demand_scene import june, scene

__all__ = ["june", "scene"]
