"""Reads codes with the engine that WeChat gave to OpenCV: pictures' paths in, a JSON list of their texts out.

Its two neural networks, which find and sharpen a code before it is read, are no part of the package and not used here.
"""

import json
import sys

import cv2

engine = cv2.wechat_qrcode_WeChatQRCode()
print(json.dumps([list(engine.detectAndDecode(cv2.imread(path))[0]) for path in sys.argv[1:]]))  # noqa: T201
