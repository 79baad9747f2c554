"""理论知识考试 by computer: question banks, papers drawn from them, sitting them, their marks and what they tell of the questions.

It stands inside exams and is no room of its own: how a part is marked is frozen with the batch, marks and the identity check are the
room's, and the batch asks it what lacks before it begins, while it asks the batch when candidates may sit.
"""
