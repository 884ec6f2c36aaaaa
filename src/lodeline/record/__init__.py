"""EPCIS 2.0: types, codecs, validation, the CBV event hash, and the metal vocabulary."""
