"""EPCIS in XML: documents of version 2.0 and 1.2 read, documents of version 2.0 written.

An event of an XML document is recorded as the exact bytes of its element, beside what the element inherits
(``inherited``). ``event.event_of`` gives its JSON form, so that nothing above this package knows of XML.
"""
