"""What the sign-in library says, in our words and through our catalogue."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_security.babel import FsDomain

from lbcert.core.words import say

_ADVICE = {
    "UNAUTHENTICATED": (say("请先登录"), "info"),
    "UNAUTHORIZED": (say("您没有权限做这件事"), "error"),
    "LOGIN": (say("请先登录"), "info"),
    "REFRESH": (say("请再输入一次密码"), "info"),
    "REAUTHENTICATION_REQUIRED": (say("请再输入一次密码"), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (say("已确认是您本人"), "success"),
    "ANONYMOUS_USER_REQUIRED": (say("您已登录；要换账号，请先退出"), "info"),
    "API_ERROR": (say("提交的内容读不懂，请重新开始"), "error"),
    "INVALID_REDIRECT": (say("不能转到本系统以外的地址"), "error"),
    "DISABLED_ACCOUNT": (say("这一账号已停用"), "error"),
    "USER_DOES_NOT_EXIST": (say("没有这个账号"), "error"),
    "INVALID_PASSWORD": (say("密码不对"), "error"),
    "PASSWORD_NOT_PROVIDED": (say("请填写密码"), "error"),
    "PASSWORD_INVALID_LENGTH": (say("密码至少 %(length)s 位"), "error"),
    "PASSWORD_TOO_SIMPLE": (say("密码太简单，请换一个"), "error"),
    "PASSWORD_IS_THE_SAME": (say("新密码不能与现在的密码相同"), "error"),
    "RETYPE_PASSWORD_MISMATCH": (say("两次输入的新密码不一样"), "error"),
    "PASSWORD_CHANGE": (say("密码已修改，其他设备上的登录已退出"), "success"),
    "INVALID_CODE": (say("六位数字不对，或者已经用过；请等验证器换一组再输入"), "error"),
    "TWO_FACTOR_INVALID_TOKEN": (say("六位数字不对，或者已经用过；请等验证器换一组再输入"), "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (say("已登录"), "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (say("第二重验证已开启"), "success"),
    "TWO_FACTOR_PERMISSION_DENIED": (say("请先用密码登录"), "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (say("请选择开启还是关闭"), "error"),
    "TWO_FACTOR_DISABLED": (say("第二重验证已关闭"), "success"),
    "TWO_FACTOR_SETUP_EXPIRED": (say("设置超过了 %(within)s，请重新开始"), "error"),
    "WEBAUTHN_EXPIRED": (say("这次操作超过了 %(within)s，请重新开始"), "error"),
    "WEBAUTHN_NAME_REQUIRED": (say("请给通行密钥起个名字"), "error"),
    "WEBAUTHN_NAME_INUSE": (say("您已有一把名为“%(name)s”的通行密钥，请换个名字"), "error"),
    "WEBAUTHN_NAME_NOT_FOUND": (say("没有名为“%(name)s”的通行密钥"), "error"),
    "WEBAUTHN_CREDENTIAL_DELETED": (say("已删除通行密钥“%(name)s”"), "success"),
    "WEBAUTHN_REGISTER_SUCCESSFUL": (say("已添加通行密钥“%(name)s”，下次可以用它登录"), "success"),
    "WEBAUTHN_CREDENTIAL_ID_INUSE": (say("这把通行密钥已经登记过"), "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": (say("本系统没有登记这把通行密钥，或者它已被删除；请用密码登录"), "error"),
    "WEBAUTHN_ORPHAN_CREDENTIAL_ID": (say("本系统没有登记这把通行密钥，或者它已被删除；请用密码登录"), "error"),
    "WEBAUTHN_NO_VERIFY": (say("没有核对通过，请重新开始；仍不行请用密码登录"), "error"),
    "WEBAUTHN_CREDENTIAL_WRONG_USAGE": (say("这把通行密钥不能用于登录"), "error"),
    "WEBAUTHN_MISMATCH_USER_HANDLE": (say("没有核对通过，请重新开始；仍不行请用密码登录"), "error"),
}
#: The library's settings, one a message: its text and its kind.
SETTINGS: dict[str, Any] = {f"SECURITY_MSG_{key}": (message.msgid, kind) for key, (message, kind) in _ADVICE.items()}


class OurWords(FsDomain):
    """Looks a message up in our catalogue, as the pages do."""

    def gettext(self, string: str, **variables: Any) -> str:
        """Give a message in the reader's language."""
        return str(gettext(string, **variables))
