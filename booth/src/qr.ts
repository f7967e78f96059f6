// QR codes, drawn and read: a bundle of its own, away from the cryptography.
import encode from "qr";
import decode from "qr/decode.js";

/** The modules of a code of level M (ISO/IEC 18004), true where dark, with its quiet zone of four. */
export function drawCode(text: string): boolean[][] {
  return encode(text, "raw", { ecc: "medium", border: 4 });
}

/** The text of the code in a picture of RGBA pixels; undefined when there is none to be read. */
export function readCode(picture: ImageData): string | undefined {
  try {
    return decode({ width: picture.width, height: picture.height, data: picture.data });
  } catch {
    return undefined;
  }
}
