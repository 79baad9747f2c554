"""Brings the scene to every test of the room."""

from tests.demand.demand_scene import june, scene

__all__ = ["june", "scene"]
