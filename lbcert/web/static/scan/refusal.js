/** Why a token is refused: `reason` is one of the codes of `lbcert/certificates/token/reasons.py`. */
export class Unreadable extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}
