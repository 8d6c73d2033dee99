// Finds the charts of a page, fetches what draws them, redraws on theme and size, writes the table behind each.
import { THEME_CHANGED } from "../theme";
import { say } from "../words";
import type { Drawing } from "./drawing";
import { fillTable } from "./table";

const drawings = new WeakMap<HTMLElement, Drawing>();

export function watchCharts(): void {
  const mountAll = (root: ParentNode): void => {
    for (const figure of root.querySelectorAll<HTMLElement>("[data-chart]")) void mount(figure);
  };
  mountAll(document);
  document.addEventListener("htmx:afterSettle", () => mountAll(document));
  document.addEventListener(THEME_CHANGED, () => {
    for (const figure of document.querySelectorAll<HTMLElement>("[data-chart]")) drawings.get(figure)?.redraw();
  });
  // A chart that leaves the page gives back what it holds.
  document.addEventListener("htmx:beforeCleanupElement", (event) => {
    const element = event.target as HTMLElement;
    if (element.dataset?.chart) drawings.get(element)?.dispose();
  });
}

async function mount(figure: HTMLElement): Promise<void> {
  if ("mounted" in figure.dataset) return;
  figure.dataset.mounted = "yes";
  const area = figure.querySelector<HTMLElement>(".chart-area");
  const json = figure.querySelector('script[type="application/json"]')?.textContent;
  if (!area || !json) return;
  const name = figure.dataset.chart ?? "";
  try {
    const data: unknown = JSON.parse(json);
    fillTable(figure, name, data);
    const drawing =
      name === "doors" ? (await import("./doors")).drawDoors(area, data) : (await import("./draw")).draw(area, name, data);
    drawings.set(figure, drawing);
    new ResizeObserver(() => drawing.resize()).observe(area);
    figure.dataset.drawn = "yes";
  } catch (error) {
    console.error(error);
    area.classList.add("chart-fault");
    area.textContent = say("chartFailed");
  }
  area.classList.remove("chart-loading");
}
