"""Who somebody is on paper: ID numbers, credit codes, names and phone numbers; checked, tidied and masked.

Each kind has two functions that are kept apart, so that an import can say what it put right. ``tidy_…`` takes away what
is only untidy (blanks, full-width characters, a lower-case ``x``) and tells what it changed. ``parse_…`` or ``check_…``
judges tidied text and answers with a finding, whose rule ends in the reason: ``id_number.check``, ``person_name.dot``.
"""
