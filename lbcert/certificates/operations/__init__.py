"""What writes certificates: keys, number prefixes, issue, printing and status."""

from __future__ import annotations

from lbcert.certificates.operations.badges import export_badge
from lbcert.certificates.operations.closing import close_issuer
from lbcert.certificates.operations.designs import (
    answer_design,
    ask_design,
    begin_design,
    write_design,
)
from lbcert.certificates.operations.grounds import issue_completions, issue_skill_certificates
from lbcert.certificates.operations.keys import (
    answer_key_retirement,
    ask_key_retirement,
    compromise_key,
    create_key,
    init_keys,
    retire_key,
    rotate_key,
)
from lbcert.certificates.operations.own import new_secret, open_own_page, share, view_share, withdraw_share
from lbcert.certificates.operations.pdf_certificates import SHOWN, keep_pdf_certificate, withdraw_pdf_certificate
from lbcert.certificates.operations.prefixes import end_prefix, enter_prefix
from lbcert.certificates.operations.printing import print_again
from lbcert.certificates.operations.revocations import finish_revocation, revoke_together, undo_revocation
from lbcert.certificates.operations.status import reinstate, renew, replace, revoke, suspend
from lbcert.certificates.operations.status_lists import build_status_list, close_status_lists
from lbcert.certificates.operations.trust import publish_trust_list

__all__ = [
    "SHOWN",
    "answer_design",
    "answer_key_retirement",
    "ask_design",
    "ask_key_retirement",
    "begin_design",
    "build_status_list",
    "close_issuer",
    "close_status_lists",
    "compromise_key",
    "create_key",
    "end_prefix",
    "enter_prefix",
    "export_badge",
    "finish_revocation",
    "init_keys",
    "issue_completions",
    "issue_skill_certificates",
    "keep_pdf_certificate",
    "new_secret",
    "open_own_page",
    "print_again",
    "publish_trust_list",
    "reinstate",
    "renew",
    "replace",
    "retire_key",
    "revoke",
    "revoke_together",
    "rotate_key",
    "share",
    "suspend",
    "undo_revocation",
    "view_share",
    "withdraw_pdf_certificate",
    "withdraw_share",
    "write_design",
]
