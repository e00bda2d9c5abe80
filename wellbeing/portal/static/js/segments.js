// How many texts some words will cost: GSM-7 packs 160 (153 when split), anything else UCS-2 with 70 (67).
// Pure; mirrors what the carrier bills, for the eye only.
const BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "^{}\\[~]|€\f"; // each takes two places
const GSM = { single: 160, part: 153 };
const UCS = { single: 70, part: 67 };

function isGsm(text) {
  return [...text].every((letter) => BASIC.includes(letter) || EXTENDED.includes(letter));
}

function partsOf(sizes, room) {
  let parts = 1;
  let used = 0;
  sizes.forEach((size) => { // a letter of two places is never torn apart
    if (used + size > room) {
      parts += 1;
      used = 0;
    }
    used += size;
  });
  return { parts, left: room - used };
}

/** Count the parts of `text` and the places left in the last one. */
export function segments(text) {
  const gsm = isGsm(text);
  const limits = gsm ? GSM : UCS;
  const sizes = [...text].map((letter) => (gsm ? (EXTENDED.includes(letter) ? 2 : 1) : letter.length));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= limits.single) return { parts: total === 0 ? 0 : 1, left: limits.single - total };
  return partsOf(sizes, limits.part);
}
