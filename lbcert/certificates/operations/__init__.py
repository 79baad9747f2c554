"""What writes certificates: keys, number prefixes, issue, printing and status."""

from __future__ import annotations

from lbcert.certificates.operations.grounds import issue_completions, issue_skill_certificates
from lbcert.certificates.operations.keys import create_key, init_keys
from lbcert.certificates.operations.prefixes import end_prefix, enter_prefix
from lbcert.certificates.operations.printing import print_again
from lbcert.certificates.operations.status import reinstate, replace, revoke, suspend

__all__ = [
    "create_key",
    "end_prefix",
    "enter_prefix",
    "init_keys",
    "issue_completions",
    "issue_skill_certificates",
    "print_again",
    "reinstate",
    "replace",
    "revoke",
    "suspend",
]
