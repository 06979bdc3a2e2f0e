"""Ground floor: months, money, names, refusals, progress, named SQL statements and safe file writing.

Nothing here knows Django, a database or an engine; every other stage may import it.
"""
