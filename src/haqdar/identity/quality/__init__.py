"""Quality of the register: what cannot be right or is not known, found by rules, put right at the panchayat.

`rules` says what is looked for, register by register; `looking` looks at everybody at once and keeps what it found; `queries` gives
scores, trends and the tasks of an area. Nothing here changes a fact: somebody looks, and corrects it or says that it is right.
"""
