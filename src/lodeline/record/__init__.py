"""EPCIS 2.0: types, codecs, validation, the CBV event hash, and the metal vocabulary.

``document`` splits what comes in, ``codec`` reads it, ``validate`` judges it, ``hash`` names it, and ``prepare`` does
these for a book in one pass. ``metal`` writes events. Nothing is imported here: each is paid for where it is used.
"""
