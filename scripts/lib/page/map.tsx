/** @jsxImportSource npm:preact@11.2.0 */
/**
 * A heat map whose values are read under the pointer or by the arrow keys.
 *
 * @module
 */
/// <reference lib="dom" />
import { useEffect, useRef, useState } from "npm:preact@11.2.0/hooks";
import { heatMap } from "../report/heatmap.ts";
import { useLater } from "./later.ts";

/** What a map shows. */
export interface MapProps {
  title: string;
  matrix: number[][];
  characters: readonly string[];
  axes: { row: string; column: string };
  /** The number that has the full colour. */
  full: number;
  width: number;
  /** What to say of a cell. */
  say: (row: number, column: number) => string;
  keys: string;
}

/** The map. */
export function HeatMap({ title, matrix, characters, axes, full, width, say, keys }: MapProps) {
  const box = useRef<HTMLDivElement>(null);
  const [chosen, choose] = useState<[number, number] | undefined>(undefined);
  const figure = useLater(
    () => heatMap({ title, description: title, matrix, characters, axes, full, width }),
    [title, matrix, characters.join(""), width],
  );
  // The picture has a cell for each number above 0, in order; its scale has rectangles too.
  const cells = matrix.flatMap((row, i) => row.flatMap((value, j) => value > 0 ? [[i, j]] : []));
  useEffect(() => {
    const rects = box.current!.querySelectorAll(".heat:not([data-part=scale]) rect");
    rects.forEach((rect, n) => {
      const [i, j] = cells[n] ?? [];
      rect.classList.toggle("chosen", chosen?.[0] === i && chosen?.[1] === j);
    });
  });
  const size = matrix.length;
  const isIn = chosen && chosen[0] < size && chosen[1] < size;
  const onPointerMove = (event: PointerEvent) => {
    const rects = [...box.current!.querySelectorAll(".heat:not([data-part=scale]) rect")];
    const cell = cells[rects.indexOf(event.target as Element)];
    if (cell) choose([cell[0], cell[1]]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, [number, number]> = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    const [i, j] = isIn ? chosen : [0, 0];
    const within = (n: number) => Math.max(0, Math.min(size - 1, n));
    choose(isIn ? [within(i + move[0]), within(j + move[1])] : [size - 1, 0]);
  };
  return (
    <figure class="map">
      <figcaption>{title}</figcaption>
      <div
        ref={box}
        class="picture"
        tabIndex={0}
        role="group"
        aria-label={`${title}. ${keys}`}
        onPointerMove={onPointerMove}
        onKeyDown={onKeyDown}
        dangerouslySetInnerHTML={{ __html: figure?.svg ?? "" }}
      />
      <p class="readout" aria-live="polite">{isIn ? say(...chosen) : "\u00a0"}</p>
    </figure>
  );
}
