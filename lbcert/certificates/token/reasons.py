"""Why a token is refused: one stable code for each way of being wrong, with words for people."""

from __future__ import annotations

from enum import StrEnum

from lbcert.core.findings import Refused, refuse
from lbcert.core.words import Message, say


class Reason(StrEnum):
    """The code of a refusal; the finding's rule is ``token.<code>``."""

    # the link
    NOT_A_LINK = "not_a_link"
    NOT_BASE36 = "not_base36"
    # the bytes
    TOO_LONG = "too_long"
    TRUNCATED = "truncated"
    TRAILING_BYTES = "trailing_bytes"
    INDEFINITE_LENGTH = "indefinite_length"
    NOT_SHORTEST = "not_shortest"
    KEYS_UNSORTED = "keys_unsorted"
    DUPLICATE_KEY = "duplicate_key"
    NOT_UTF8 = "not_utf8"
    FORBIDDEN_TYPE = "forbidden_type"
    TOO_DEEP = "too_deep"
    # the envelope
    CWT_TAG = "cwt_tag"
    NOT_SIGN1 = "not_sign1"
    UNPROTECTED_HEADER = "unprotected_header"
    CRITICAL_HEADER = "critical_header"
    UNKNOWN_HEADER = "unknown_header"
    MISSING_HEADER = "missing_header"
    HEADER_TYPE = "header_type"
    # the key and the signature
    UNKNOWN_KEY = "unknown_key"
    WRONG_ALGORITHM = "wrong_algorithm"
    DER_SIGNATURE = "der_signature"
    SIGNATURE_LENGTH = "signature_length"
    SIGNATURE = "signature"
    KEY_OUTSIDE_BRAND = "key_outside_brand"
    KEY_OUTSIDE_TIME = "key_outside_time"
    KEY_COMPROMISED = "key_compromised"
    # the claims
    MISSING_CLAIM = "missing_claim"
    UNKNOWN_CLAIM = "unknown_claim"
    CLAIM_TYPE = "claim_type"
    CLAIM_RANGE = "claim_range"
    TIME_IN_MILLISECONDS = "time_in_milliseconds"
    EXPIRES_BEFORE_ISSUE = "expires_before_issue"
    HOLDER_TAG = "holder_tag"
    INDEX_OUTSIDE_LIST = "index_outside_list"


#: What an employer or a clerk reads. Only the first two can be cured by scanning again; the rest mean a forged code or
#: a faulty issuer.
_WORDS: dict[Reason, Message] = {
    Reason.NOT_A_LINK: say("这不是证书二维码：请扫描证书上的二维码"),
    Reason.NOT_BASE36: say("二维码内容不完整或有误：请重新扫描，或重新复制整个链接"),
    Reason.TOO_LONG: say("二维码内容超过 512 字节，不是证书"),
    Reason.TRUNCATED: say("证书数据不完整：请重新扫描，或重新复制整个链接"),
    Reason.TRAILING_BYTES: say("证书数据后面还有多余内容，不予认可"),
    Reason.INDEFINITE_LENGTH: say("证书数据编码不规范（不定长），不予认可"),
    Reason.NOT_SHORTEST: say("证书数据编码不规范（数字不是最短形式），不予认可"),
    Reason.KEYS_UNSORTED: say("证书数据编码不规范（字段次序不对），不予认可"),
    Reason.DUPLICATE_KEY: say("证书数据中同一字段出现两次，不予认可"),
    Reason.NOT_UTF8: say("证书数据中的文字不是 UTF-8 编码，不予认可"),
    Reason.FORBIDDEN_TYPE: say("证书数据中有不允许的数据类型，不予认可"),
    Reason.TOO_DEEP: say("证书数据嵌套过深，不予认可"),
    Reason.CWT_TAG: say("证书数据外面多了一层标签 61，不予认可"),
    Reason.NOT_SIGN1: say("这不是签名的证书数据（COSE_Sign1）"),
    Reason.UNPROTECTED_HEADER: say("签名之外还有未受保护的信息，不予认可"),
    Reason.CRITICAL_HEADER: say("证书要求识别本软件不认识的关键信息，不予认可"),
    Reason.UNKNOWN_HEADER: say("证书签名头中有不认识的信息，不予认可"),
    Reason.MISSING_HEADER: say("证书签名头缺少算法或密钥编号，不予认可"),
    Reason.HEADER_TYPE: say("证书签名头的数据类型不对，不予认可"),
    Reason.UNKNOWN_KEY: say("签发密钥不在发证机构名单上：不是本系统的证书，或密钥名单需要更新"),
    Reason.WRONG_ALGORITHM: say("签名算法与发证机构登记的不一致，不予认可"),
    Reason.DER_SIGNATURE: say("签名写成了 DER 格式，应为 64 字节的 r‖s，不予认可"),
    Reason.SIGNATURE_LENGTH: say("签名长度应为 64 字节，不予认可"),
    Reason.SIGNATURE: say("签名不符：证书内容被改动过，或不是所称的机构签发"),
    Reason.KEY_OUTSIDE_BRAND: say("签发密钥无权为这个品牌发证，不予认可"),
    Reason.KEY_OUTSIDE_TIME: say("发证时间不在签发密钥的使用期内，不予认可"),
    Reason.KEY_COMPROMISED: say("签发密钥已经泄露，这本证书是泄露之后签发的，不予认可：请持证人向发证机构换发"),
    Reason.MISSING_CLAIM: say("证书缺少必有的内容，不予认可"),
    Reason.UNKNOWN_CLAIM: say("证书有不认识的内容，不予认可：本软件可能需要更新"),
    Reason.CLAIM_TYPE: say("证书内容的数据类型不对，不予认可"),
    Reason.CLAIM_RANGE: say("证书内容超出允许的范围，不予认可"),
    Reason.TIME_IN_MILLISECONDS: say("证书时间以毫秒计，应以秒计，不予认可"),
    Reason.EXPIRES_BEFORE_ISSUE: say("证书的到期时间不晚于发证时间，不予认可"),
    Reason.HOLDER_TAG: say("个人证书应有 2 字节的持证人标记，品牌店不应有，不予认可"),
    Reason.INDEX_OUTSIDE_LIST: say("证书在状态名单上的序号超出名单，不予认可"),
}


def words_of(reason: Reason) -> Message:
    """Say a reason to people."""
    return _WORDS[reason]


class Unreadable(Refused):
    """A link or token that is no certificate of ours; its one finding is the first thing found wrong."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__([refuse(f"token.{reason}", _WORDS[reason], "qr-token.cddl")])
