"""The rules of EPCIS 2.0 in JSON as tables of fields, from which checks, sentences and documentation come.

``formats`` what a text must look like; ``kinds`` what a value may be; ``words`` GS1's vocabulary; ``parts``, ``events``
and ``documents`` the fields. ``lodeline.record.validate`` is the door.

Source: GS1 EPCIS 2.0.1 (ISO/IEC 19987:2024) and CBV 2.0.1. The verdict is that of GS1's JSON schema; the tests hold
the two together over every example and its mutants.
"""
