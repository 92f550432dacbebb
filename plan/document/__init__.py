"""A stack's plan as a plain JSON document: what two revisions are compared by (`hactl plan`).

`python -m plan.document` makes it from a folder's settings, with no secret of the stack: all secrets are derived from a
throw-away key, and stand in the document as fingerprints of that key.
"""

#: Of the document's form. Who reads one of another version cannot rely on it.
VERSION = 1
