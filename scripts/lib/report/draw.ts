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

/** Height and margins of a plot with numbers on both axes, which has a width in pixels. */
export function boxOf(width: number) {
  const margins = { marginLeft: 44, marginBottom: 40, marginTop: 28 };
  return { width, height: Math.round(width * 0.66), ...margins };
}

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

/** What a picture says besides what it draws. */
export interface Words {
  title: string;
  /** For those who do not see it. */
  description: string;
  fontSize?: number;
  /** Markup put over the picture, made of numbers and escaped text. */
  more?: string;
}

/** Where a value lies in a drawn picture, in pixels: the middle of a band, if it is one. */
export type Place = (axis: "x" | "y", value: number) => number;

/** The picture's markup, and where its values lie. */
export function drawPlaced(options: Plot.PlotOptions, words: Words): { svg: string; place: Place } {
  const plot = Plot.plot({ ...options, document, className: "plot" });
  const place: Place = (axis, value) => {
    const scale = plot.scale(axis)!;
    return Math.round(10 * (scale.apply(value) + (scale.bandwidth ?? 0) / 2)) / 10;
  };
  return { svg: finished(plot as unknown as Element, words), place };
}

/** The picture's markup, with its title and description for those who do not see it. */
export function draw(options: Plot.PlotOptions, words: Words): string {
  return drawPlaced(options, words).svg;
}

function finished(svg: Element, { title, description, fontSize = 13, more = "" }: Words): string {
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
  return rounded(svg.outerHTML).replace(/<\/svg>$/, `${more}</svg>`);
}

/** Coordinates to a hundredth of a pixel: nobody sees more, and files are a third as long. */
function rounded(svg: string): string {
  return svg.replace(
    /<[^>]*>/g, // what stands between the tags is text
    (tag) =>
      tag.replace(
        /(?<=[ ",(MLCHVZ])-?\d+\.\d{3,}/g,
        (n) => String(Math.round(Number(n) * 100) / 100),
      ),
  );
}
