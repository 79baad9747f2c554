"""PAdES (ETSI EN 319 142, baseline B-B): a certificate's PDF signed with an X.509 certificate that PDF readers know how to check."""
