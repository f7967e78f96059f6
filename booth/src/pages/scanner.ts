// Ways to bring a code or a text to a page: the camera, a picture, a file, or typing.
import { readCode } from "../qr.ts";
import { button, h } from "./dom.ts";
import type { Translate } from "./language.ts";

const MOST = 1 << 20;

/** Whoever listens to a scanner: `more` says whether the camera should go on after this text. */
export type Listener = (text: string) => "more" | "done";

/**
 * A field for the camera, a file, or a text to type or paste, which `typed` names. The camera stops when the
 * field leaves the page. `asked` is a field that belongs to the text.
 */
export function scanner(
  t: Translate,
  label: string,
  listen: Listener,
  typed = t("paste"),
  asked: HTMLElement | false = false,
): HTMLElement {
  const status = h("p", { role: "status" });
  const video = h("video", { playsinline: true, muted: true, hidden: true });
  const text = h("textarea", { rows: 3, autocomplete: "off", spellcheck: "false", autocapitalize: "none" });
  const start = button(t("camera"), () => void film(video, status, t, listen), "plain");
  const file = h("input", { type: "file", accept: "image/*,text/plain,.txt,.psephos" });
  file.addEventListener("change", () => void open(file, status, t, listen));
  const hear = (found: string): void => void listen(found);
  return h(
    "fieldset",
    { class: "scanner", "aria-label": label },
    "mediaDevices" in navigator && start,
    video,
    h("label", {}, t("file"), file),
    asked,
    h("label", {}, typed, text),
    button(t("use"), () => hear(text.value), "plain"),
    status,
  );
}

async function open(
  field: HTMLInputElement,
  status: HTMLElement,
  t: Translate,
  listen: Listener,
): Promise<void> {
  const [chosen] = field.files ?? [];
  if (!chosen || chosen.size > 16 * MOST) return;
  field.value = "";
  if (!chosen.type.startsWith("image/")) {
    listen(await chosen.text());
    return;
  }
  const found = readCode(await pixels(chosen));
  if (found === undefined) status.textContent = t("noCode");
  else listen(found);
}

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
    const done = found !== undefined && listen(found) === "done";
    if (!done && video.isConnected) requestAnimationFrame(look);
    else for (const track of stream.getTracks()) track.stop();
  };
  look();
}
