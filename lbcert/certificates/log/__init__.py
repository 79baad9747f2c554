"""The transparency log's formats: the tree of RFC 6962, C2SP tiles, signed notes, checkpoints and proofs.

Nothing here knows a database, a page or the time of day. The bytes are written down in docs/formats.md.
"""
