// Strict CBOR: reads the deterministic encoding (RFC 8949, 4.2.1) of the few types a token uses, and no other.
// Maps become Map, byte strings Uint8Array, tagged items Tagged. A number beyond 2^53 loses digits; no claim is so great.

import { Unreadable } from "./refusal.js";

const MAX_DEPTH = 8;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Bytes that follow for the additional information 24 to 27, and the least value that may need them. */
const LONG = new Map([[24, [1, 24]], [25, [2, 2 ** 8]], [26, [4, 2 ** 16]], [27, [8, 2 ** 32]]]);

export class Tagged {
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

/**
 * Read the one data item that `data` is. Throws Unreadable.
 * `sorted: false` admits map keys in any order, for formats of others, whose drafts give them in theirs.
 */
export function decode(data, { sorted = true } = {}) {
  const reader = new Reader(data, sorted);
  const value = reader.item(0);
  if (reader.at !== data.length) throw new Unreadable("trailing_bytes");
  return value;
}

class Reader {
  constructor(data, sorted) {
    this.data = data;
    this.sorted = sorted;
    this.at = 0;
  }

  take(count) {
    if (count > this.data.length - this.at) throw new Unreadable("truncated");
    this.at += count;
    return this.data.subarray(this.at - count, this.at);
  }

  head() {
    const [first] = this.take(1);
    const major = first >> 5;
    const info = first & 31;
    if (major === 7) throw new Unreadable("forbidden_type");
    if (info < 24) return [major, info];
    if (info === 31) throw new Unreadable("indefinite_length");
    if (!LONG.has(info)) throw new Unreadable("forbidden_type");
    const [size, least] = LONG.get(info);
    const argument = this.take(size).reduce((number, byte) => number * 256 + byte, 0);
    if (argument < least) throw new Unreadable("not_shortest");
    return [major, argument];
  }

  item(depth) {
    if (depth > MAX_DEPTH) throw new Unreadable("too_deep");
    const [major, argument] = this.head();
    switch (major) {
      case 0: return argument;
      case 1: return -1 - argument;
      case 2: return this.take(argument);
      case 3: return this.text(argument);
      case 4: return this.list(argument, depth);
      case 5: return this.map(argument, depth);
      default: return new Tagged(argument, this.item(depth + 1));
    }
  }

  text(length) {
    const bytes = this.take(length);
    try {
      return UTF8.decode(bytes);
    } catch {
      throw new Unreadable("not_utf8");
    }
  }

  list(length, depth) {
    const items = [];
    while (items.length < length) items.push(this.item(depth + 1));
    return items;
  }

  map(length, depth) {
    const entries = new Map();
    const seen = new Set();
    let last = "";
    for (let count = 0; count < length; count += 1) {
      const start = this.at;
      const key = this.item(depth + 1);
      if (!(typeof key === "number" || typeof key === "string" || key instanceof Uint8Array)) {
        throw new Unreadable("forbidden_type");
      }
      const encoded = String.fromCharCode(...this.data.subarray(start, this.at));
      if (seen.has(encoded)) throw new Unreadable("duplicate_key");
      if (this.sorted && encoded < last) throw new Unreadable("keys_unsorted");
      seen.add(encoded);
      last = encoded;
      entries.set(key, this.item(depth + 1));
    }
    return entries;
  }
}
