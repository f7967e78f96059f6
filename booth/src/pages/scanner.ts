// Ways to bring a code or a text to a page: the camera, a picture, a file, or typing.
import { lookAt, type Pasted, readPasted } from "../core.ts";
import { readCode } from "../qr.ts";
import { button, h } from "./dom.ts";
import type { Translate } from "./language.ts";
import type { Screen } from "./shell.ts";

const LONGEST_PICTURE = 32 * 2 ** 20;

/** Whoever listens to a scanner: `more` says whether the camera should go on after this. */
export type Listener = (pasted: Pasted) => "more" | "done";

/** What a scanner is for: its label, the name under which what is typed is kept, and what it is typed or pasted as. */
export interface Sought {
  readonly label: string;
  readonly name: string;
  readonly typed?: string;
  /** A field that belongs to the text. */
  readonly asked?: HTMLElement | false;
}

/**
 * A field for the camera, a file, or a text to type or paste. The camera stops when the field leaves the page.
 */
export function scanner(
  { t, field }: Pick<Screen, "t" | "field">,
  { label, name, typed = t("paste"), asked = false }: Sought,
  listen: Listener,
): HTMLElement {
  const status = h("p", { role: "status" });
  const video = h("video", { playsinline: true, muted: true, hidden: true });
  const text = field(
    name,
    h("textarea", { rows: 3, autocomplete: "off", spellcheck: "false", autocapitalize: "none" }),
  );
  const start = button(t("camera"), () => void film(video, status, t, listen), "plain");
  const file = h("input", { type: "file" });
  file.addEventListener("change", () => void open(file, status, t, listen));
  return h(
    "fieldset",
    { class: "scanner", "aria-label": label },
    "mediaDevices" in navigator && start,
    video,
    h("label", { class: "file" }, t("file"), file),
    asked,
    h("label", {}, typed, text),
    button(t("use"), () => void listen(lookAt(text.value)), "plain"),
    status,
  );
}

/** A file is looked into, whatever its name says that it is. */
async function open(file: HTMLInputElement, status: HTMLElement, t: Translate, listen: Listener): Promise<void> {
  const [chosen] = file.files ?? [];
  if (!chosen) return;
  status.textContent = "";
  const pasted = chosen.size > LONGEST_PICTURE ? LARGE : readPasted(new Uint8Array(await chosen.arrayBuffer()));
  file.value = "";
  if (pasted.pieces[0]?.kind !== "picture") {
    listen(pasted);
    return;
  }
  const code = await pixels(chosen).then(readCode, () => undefined); // a picture that this browser cannot show
  if (code === undefined) status.textContent = t("noCode");
  else listen(lookAt(code));
}

const LARGE: Pasted = { pieces: [{ kind: "large", block: undefined }] };

async function pixels(file: Blob): Promise<ImageData> {
  const picture = await createImageBitmap(file);
  return draw(picture, picture.width, picture.height);
}

function draw(source: CanvasImageSource, width: number, height: number): ImageData {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(source, 0, 0);
  return context.getImageData(0, 0, width, height);
}

/** Film until the listener is done, or the video has left the page. */
async function film(
  video: HTMLVideoElement,
  status: HTMLElement,
  t: Translate,
  listen: Listener,
): Promise<void> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    status.textContent = t("cameraNone");
    return;
  }
  video.hidden = false;
  video.srcObject = stream;
  await video.play();
  const look = (): void => {
    const { videoWidth, videoHeight } = video;
    const found = videoWidth ? readCode(draw(video, videoWidth, videoHeight)) : undefined;
    const done = found !== undefined && listen(lookAt(found)) === "done";
    if (!done && video.isConnected) requestAnimationFrame(look);
    else for (const track of stream.getTracks()) track.stop();
  };
  look();
}
