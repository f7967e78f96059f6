// Elements from calls. Text is always text, and attributes are set one by one: nothing is parsed as HTML.
type Child = Node | string | undefined | false | readonly Child[];
type Handler = (event: Event) => void;
type Attributes = Readonly<Record<string, string | number | boolean | undefined | Handler>>;

/** An HTML element; handlers are attributes that begin with `on`. */
export function h<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg<T extends keyof SVGElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[T] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...flatten(children));
  return element;
}

function flatten(children: readonly Child[]): (Node | string)[] {
  return children.flatMap((child) => {
    if (child === undefined || child === false) return [];
    return typeof child === "string" || child instanceof Node ? [child] : flatten(child);
  });
}

/** A button that does something. */
export function button(label: string, act: () => void, kind: "main" | "plain" = "main"): HTMLButtonElement {
  return h("button", { type: "button", class: kind, onclick: act }, label);
}
