// Keeping things: cards on paper or as pictures, receipts and other files.
import { type Card, cardCode, cardFace, cardWords, nameOf, toHex } from "../core.ts";
import { code, picture } from "./code.ts";
import { h } from "./dom.ts";
import type { Translate } from "./language.ts";
import { randomBytes } from "./random.ts";

const WIDTH = 720;
const HEIGHT = 1080;

/** What a card's code holds: the address of this booth, which a phone's camera opens (spec/cards.md#qr-code). */
const codeOf = (card: Card): string => cardCode(card, new URL("../", document.baseURI).href);

/** A card as it is printed: nothing on it tells whether it counts (spec/cards.md). */
export function cardSheet(card: Card, title: string, region: string, t: Translate): HTMLElement {
  const face = cardFace(card);
  return h(
    "article",
    { class: "card" },
    h("p", {}, title),
    picture(face),
    h("h2", { lang: "en" }, nameOf(face)),
    h("p", {}, region),
    code(codeOf(card), "QR"),
    h("h3", {}, t("words")),
    h("p", { class: "words", lang: "en", translate: "no" }, cardWords(card)),
  );
}

/** The same as a picture. */
export async function saveCard(card: Card, title: string, region: string): Promise<void> {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext("2d")!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, WIDTH, HEIGHT);
  const face = cardFace(card);
  await stamp(context, picture(face), 260, 80, 200);
  await stamp(context, code(codeOf(card), "QR"), 140, 360, 440);
  const words = cardWords(card).split(" ");
  const lines: [string, number, number][] = [
    [title, 28, 50],
    [nameOf(face), 44, 335],
    [region, 28, 840],
    ...[0, 4, 8].map((at): [string, number, number] => [
      words.slice(at, at + 4).join(" "),
      32,
      900 + 14 * at,
    ]),
  ];
  context.fillStyle = "#000";
  context.textAlign = "center";
  for (const [text, size, y] of lines) {
    context.font = `${size}px sans-serif`;
    context.fillText(text, WIDTH / 2, y, WIDTH - 40);
  }
  const picture_ = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (picture_) download(picture_, fileName("card", "png"));
}

async function stamp(
  context: CanvasRenderingContext2D,
  drawing: SVGSVGElement,
  x: number,
  y: number,
  side: number,
): Promise<void> {
  drawing.setAttribute("width", String(side));
  drawing.setAttribute("height", String(side));
  const url = URL.createObjectURL(
    new Blob([new XMLSerializer().serializeToString(drawing)], { type: "image/svg+xml" }),
  );
  const image = new Image();
  image.src = url;
  await image.decode();
  context.drawImage(image, x, y, side, side);
  URL.revokeObjectURL(url);
}

/** A name for a file that tells of nothing but its kind: not which card, nor how many there were. */
export const fileName = (kind: string, ending: string): string => `${kind}-${toHex(randomBytes(4))}.${ending}`;

/** Offer bytes as a file. */
export function saveFile(data: Uint8Array | string, name: string): void {
  const part = typeof data === "string" ? data : (data as Uint8Array<ArrayBuffer>);
  download(new Blob([part], { type: "application/octet-stream" }), name);
}

function download(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after this turn
}
