// Base 36 in blocks: 31 bytes are 48 characters of 0-9 A-Z, the rest ceil(8 n / log2 36).

const BLOCK_CHARACTERS = 48;
const SIZE = new Map(Array.from({ length: 32 }, (_, size) => [Math.ceil((8 * size) / Math.log2(36)), size]));

/** Read base 36 in either case; give null for any other text. */
export function decode(text) {
  if (!/^[0-9a-z]*$/i.test(text)) return null;
  const bytes = [];
  for (let at = 0; at < text.length; at += BLOCK_CHARACTERS) {
    const block = decodeBlock(text.slice(at, at + BLOCK_CHARACTERS));
    if (!block) return null;
    bytes.push(...block);
  }
  return Uint8Array.from(bytes);
}

function decodeBlock(text) {
  if (!SIZE.has(text.length)) return null;
  const block = new Uint8Array(SIZE.get(text.length));
  for (const character of text) {
    let carry = parseInt(character, 36);
    for (let at = block.length - 1; at >= 0; at -= 1) {
      carry += block[at] * 36;
      block[at] = carry & 255;
      carry >>= 8;
    }
    if (carry) return null; // more than so many bytes can hold
  }
  return block;
}
