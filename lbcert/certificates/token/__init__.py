"""The signed token in a certificate's QR: built, signed, written as a link, and read strictly.

The format is ``certs_schema/qr-token.cddl``: a CWT (RFC 8392) in a tagged COSE_Sign1 (RFC 9052) in deterministic CBOR,
written in base 36 into a link. Nothing here knows a database, a page or the time of day.
"""
