"""SM2 by gmssl, pure Python: ``{"public_key", "private_key", "message", "signature"}``, all hex, as JSON on standard input."""

import json
import sys

from gmssl.sm2 import CryptSM2

task = json.load(sys.stdin)
judge = CryptSM2(task["private_key"], task["public_key"])
message = bytes.fromhex(task["message"])
takes = {
    "signature": bool(judge.verify_with_sm3(task["signature"], message)),
    "changed": bool(judge.verify_with_sm3(task["signature"], message + b"!")),
}
json.dump({"takes": takes, "signature": judge.sign_with_sm3(message)}, sys.stdout)
