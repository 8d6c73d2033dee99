// The ECharts bundle: only the parts in use, fetched only by pages with a chart.
import { BarChart, CustomChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  TooltipComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
import { billForecast, proof, proofHeight } from "./bars";
import { burnDown, dayLines, dayProfile } from "./curves";
import type { Drawing, Proof } from "./drawing";
import { type Look, look } from "./look";
import { story } from "./story";

echarts.use([
  AriaComponent, BarChart, CanvasRenderer, CustomChart, DataZoomInsideComponent, DataZoomSliderComponent, GridComponent, LabelLayout,
  LineChart, MarkAreaComponent, MarkLineComponent, MarkPointComponent, ScatterChart, TooltipComponent,
]);

type Builder = (data: never, look: Look) => object;

const BUILDERS: Record<string, Builder> = { story, burn_down: burnDown, day_profile: dayProfile, day_lines: dayLines, proof, bill_forecast: billForecast };

const NARROW = 440;

export function draw(area: HTMLElement, name: string, data: unknown): Drawing {
  const build = BUILDERS[name];
  if (!build) throw new Error(`no chart is called ${name}`);
  if (name === "proof") area.style.height = `${proofHeight(data as Proof)}px`;
  const chart = echarts.init(area, undefined, { renderer: "canvas" });
  let wasNarrow = area.clientWidth < NARROW;
  const redraw = (): void => {
    wasNarrow = area.clientWidth < NARROW;
    chart.setOption(build(data as never, look(wasNarrow)) as echarts.EChartsCoreOption, { notMerge: true });
  };
  redraw();
  return {
    redraw,
    resize: () => {
      chart.resize();
      if (area.clientWidth < NARROW !== wasNarrow) redraw();
    },
    dispose: () => chart.dispose(),
  };
}
