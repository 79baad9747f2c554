"""The timetable's engine: a problem of plain values in, a plan without a clash out; it knows no database and no page.

``problem`` and ``wishes`` say what is asked, ``solve`` plans, ``repair`` changes the fewest meetings of a plan, ``reasons`` says
what cannot stand together. ``measure`` tells what any plan is worth, without the solver.
Only ``model`` and ``terms`` know OR-Tools; import ``solve``, ``repair`` and ``reasons`` where something is solved, as that takes a second.
"""
