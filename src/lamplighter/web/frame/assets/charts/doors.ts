// One dot for every door of a station area, in the order given (street by street).
import type { Doors, Drawing } from "./drawing";

const COLOURS: Record<Doors["kind"], Record<string, string>> = {
  grade: { A: "--grade-a", B: "--grade-b", C: "--grade-c", D: "--grade-d", N: "--context" },
  payment: { PAID: "--context", OPEN: "--lamp", LATE: "--grade-d" },
};

export function drawDoors(area: HTMLElement, given: unknown): Drawing {
  const data = given as Doors;
  const canvas = document.createElement("canvas");
  area.replaceChildren(canvas);
  let columns = 1;
  let pitch = 12;
  let lastWidth = 0;

  const redraw = (): void => {
    const width = area.clientWidth;
    lastWidth = width;
    pitch = data.doors.length > 1200 ? 10 : data.doors.length > 300 ? 12 : 16;
    columns = Math.max(1, Math.floor(width / pitch));
    const height = Math.ceil(data.doors.length / columns) * pitch;
    const ratio = devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    const colours = COLOURS[data.kind];
    data.doors.forEach(([, status], place) => {
      const name = colours[status];
      if (!name) throw new Error(`a door of unknown status ${status}`);
      pen.fillStyle = style.getPropertyValue(name).trim();
      pen.beginPath();
      pen.arc(((place % columns) + 0.5) * pitch, (Math.floor(place / columns) + 0.5) * pitch, pitch * 0.36, 0, 7);
      pen.fill();
    });
  };
  const doorAt = (event: MouseEvent): Doors["doors"][number] | undefined => {
    const column = Math.floor(event.offsetX / pitch);
    return column < columns ? data.doors[Math.floor(event.offsetY / pitch) * columns + column] : undefined;
  };
  canvas.addEventListener("mousemove", (event) => {
    const door = doorAt(event);
    canvas.title = door ? door[0] : "";
    canvas.style.cursor = door ? "pointer" : "";
  });
  canvas.addEventListener("click", (event) => {
    const door = doorAt(event);
    if (door) location.assign(door[2]);
  });
  redraw();
  return {
    redraw,
    resize: () => {
      if (area.clientWidth !== lastWidth) redraw();
    },
    dispose: () => area.replaceChildren(),
  };
}
