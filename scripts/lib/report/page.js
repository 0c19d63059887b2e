// Says under a picture what lies under the pointer, or where the arrow keys have led.
const SVG = "http://www.w3.org/2000/svg";
for (const figure of document.querySelectorAll("figure[data-spots]")) {
  const spots = JSON.parse(figure.dataset.spots).map(([x, y, text]) => ({ x, y, text }));
  const svg = figure.querySelector("svg");
  const readout = figure.querySelector(".readout");
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const marker = document.createElementNS(SVG, "path");
  marker.setAttribute("class", "marker");
  let current;

  const show = (spot) => {
    current = spot;
    readout.textContent = spot.text;
    const path = spot.y === null
      ? `M${spot.x},${20}V${height - 40}`
      : `M${spot.x - 9},${spot.y}a9,9 0 1 0 18,0a9,9 0 1 0 -18,0`;
    marker.setAttribute("d", path);
    svg.append(marker);
  };
  const hide = () => {
    if (document.activeElement === svg) return;
    marker.remove();
    readout.textContent = "";
    current = undefined;
  };
  const nearest = (cost) => {
    let [best, least] = [undefined, Infinity];
    for (const spot of spots) {
      const found = cost(spot.x, spot.y ?? 0);
      if (found < least) [best, least] = [spot, found];
    }
    return best;
  };
  const point = ({ clientX, clientY }) => {
    const box = svg.getBoundingClientRect();
    const x = (clientX - box.left) * width / box.width;
    const y = (clientY - box.top) * height / box.height;
    show(nearest((sx, sy) => Math.hypot(sx - x, spots[0].y === null ? 0 : sy - y)));
  };
  const directions = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const step = (event) => {
    const direction = directions[event.key];
    if (!direction || (spots[0].y === null && direction[1] !== 0)) return;
    event.preventDefault();
    const [dx, dy] = direction;
    const { x, y } = current;
    const next = nearest((sx, sy) => {
      const along = (sx - x) * dx + (sy - (y ?? 0)) * dy;
      const across = Math.abs((sx - x) * dy) + Math.abs((sy - (y ?? 0)) * dx);
      return along > 0.5 ? along + 4 * across : Infinity;
    });
    if (next) show(next);
  };

  svg.setAttribute("tabindex", "0");
  svg.addEventListener("pointermove", point);
  svg.addEventListener("pointerdown", point);
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("focus", () => show(current ?? spots[0]));
  svg.addEventListener("blur", hide);
  svg.addEventListener("keydown", step);
}
