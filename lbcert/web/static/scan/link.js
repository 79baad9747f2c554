// The link in the QR: HTTPS://<HOST>/V/<BASE36>. The host says nothing about who signed.

import * as base36 from "./base36.js";
import { Unreadable } from "./refusal.js";

export const MAX_BYTES = 512;
const MAX_CODE = 793; // what 512 bytes take
const LINK = /^https?:\/\/([a-z0-9.-]+(?::[0-9]{1,5})?)\/v\/([^/?#]+)$/i;
const BLANKS = /^[ \t\r\n]+|[ \t\r\n]+$/g;

/** Take a link apart, in either case and whatever its host; throws Unreadable. */
export function read(text) {
  const found = LINK.exec(text.replace(BLANKS, ""));
  if (!found) throw new Unreadable("not_a_link");
  return { host: found[1].toLowerCase(), code: found[2], token: readCode(found[2]) };
}

/** Read the token out of a link's last part; throws Unreadable. */
export function readCode(code) {
  if ([...code].length > MAX_CODE) throw new Unreadable("too_long");
  const token = base36.decode(code);
  if (!token) throw new Unreadable("not_base36");
  return token;
}
