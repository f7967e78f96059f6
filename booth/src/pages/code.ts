// QR codes and cards' pictures as SVG.
import { COLOURS, type Face, nameOf } from "../core.ts";
import { drawCode } from "../qr.ts";
import { svg } from "./dom.ts";

// As Okabe and Ito (2002) have them: spec/cards.md#name-and-picture.
const DRAWN = ["#56B4E9", "#000000", "#0072B2", "#009E73", "#E69F00", "#CC79A7", "#D55E00", "#F0E442"];
const SHAPES = {
  square: [-0.4, -0.4, 0.4, -0.4, 0.4, 0.4, -0.4, 0.4],
  diamond: [0, -0.48, 0.48, 0, 0, 0.48, -0.48, 0],
  triangle: [0, -0.44, 0.46, 0.4, -0.46, 0.4],
};

/** A code with its quiet zone; `label` says what it is to those who cannot see it. */
export function code(text: string, label: string): SVGSVGElement {
  const modules = drawCode(text);
  const side = modules.length;
  const path = modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return svg(
    "svg",
    { viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label, class: "code" },
    svg("rect", { width: side, height: side, fill: "#fff" }),
    svg("path", { d: path.join(""), fill: "#000", "shape-rendering": "crispEdges" }),
  );
}

/** The picture of a card, called by its name. */
export function picture(face: Face): SVGSVGElement {
  const colour = DRAWN[COLOURS.indexOf(face.colour)]!;
  const look = { fill: colour, stroke: "#222222", "stroke-width": 0.06 };
  const cells = face.cells.flatMap((row, y) =>
    row.flatMap((filled, x) => (filled ? [cell(face.shape, x + 0.5, y + 0.5, look)] : [])),
  );
  return svg(
    "svg",
    { viewBox: "-0.2 -0.2 5.4 5.4", role: "img", "aria-label": nameOf(face), class: "face" },
    svg("rect", { x: -0.2, y: -0.2, width: 5.4, height: 5.4, fill: "#fff" }),
    cells,
  );
}

function cell(shape: Face["shape"], x: number, y: number, look: Record<string, string | number>): SVGElement {
  if (shape === "disc") return svg("circle", { cx: x, cy: y, r: 0.42, ...look });
  const points = SHAPES[shape].map((at, index) => (at + (index % 2 ? y : x)).toFixed(3));
  return svg("polygon", { points: points.join(" "), ...look });
}
