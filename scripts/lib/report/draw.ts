/**
 * Drawing with Observable Plot without a browser: an SVG that speaks for itself.
 *
 * Colours are left to the page's style sheet (variables, currentColor), so that one picture serves
 * light, dark and paper; inline styles are taken out, since the page's policy forbids them.
 *
 * @module
 */
import { parseHTML, Plot } from "./packages.ts";

const { document } = parseHTML("<!doctype html><html></html>") as unknown as {
  document: Plot.PlotOptions["document"] & {
    createElementNS(space: string, name: string): Element;
  };
};
/** Widths of pictures in pixels; a phone shows all of them nearly at full size. */
export const WIDTH = { half: 440, third: 300, small: 212 };
const SVG = "http://www.w3.org/2000/svg";

/** The part of the document's elements that is used here. */
interface Element {
  textContent: string;
  outerHTML: string;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  prepend(...children: Element[]): void;
  remove(): void;
}

/** The picture's markup, with its title and description for those who do not see it. */
export function draw(
  options: Plot.PlotOptions,
  { title, description, fontSize = 13 }: { title: string; description: string; fontSize?: number },
): string {
  const svg = Plot.plot({ ...options, document, className: "plot" }) as unknown as Element;
  svg.querySelector("style")?.remove();
  const text = (name: string, content: string) => {
    const element = document.createElementNS(SVG, name) as unknown as Element;
    element.textContent = content;
    return element;
  };
  // A picture is read aloud by its title: its parts keep their names for styles and tests alone.
  for (const part of svg.querySelectorAll("[aria-label]")) {
    part.setAttribute("data-part", part.getAttribute("aria-label")!);
    part.removeAttribute("aria-label");
  }
  svg.prepend(text("title", title), text("desc", description));
  svg.setAttribute("role", "img");
  svg.setAttribute("font-size", String(fontSize));
  return rounded(svg.outerHTML);
}

/** Coordinates to a hundredth of a pixel: nobody sees more, and files are a third as long. */
function rounded(svg: string): string {
  return svg.replace(
    /(?<=[ ",(MLCHVZ])-?\d+\.\d{3,}/g,
    (n) => String(Math.round(Number(n) * 100) / 100),
  );
}
