"""The book over HTTP: GS1's EPCIS 2.0 REST bindings, and who may use them.

HTTP, and the hashing of tokens, live in this folder and nowhere else.
"""
