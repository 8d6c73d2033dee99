// What we did against those we left alone; and the bills so far with the next one's interval.
import { say } from "../words";
import type { BillForecast, Proof } from "./drawing";
import * as f from "./formats";
import { type Look, ground, timeLine, tipBox, tooltip, valueAxis } from "./look";
import { unitFormat } from "./table";

interface Api {
  value(dimension: number): number;
  coord(point: [number, number]): [number, number];
}

type Whisker = (params: unknown, api: Api) => object | undefined;

const line = (from: [number, number], to: [number, number], stroke: string): object => ({
  type: "line",
  shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] },
  style: { stroke, lineWidth: 1.5 },
});

/** An interval drawn as a whisker; the value lies along x or along y. */
const whisker = (l: Look, isAlongX: boolean): Whisker => (_, api) => {
  const [place, low, high] = [api.value(0), api.value(1), api.value(2)];
  if (Number.isNaN(low) || Number.isNaN(high)) return undefined;
  const point = (value: number): [number, number] => api.coord(isAlongX ? [value, place] : [place, value]);
  const from = point(low);
  const to = point(high);
  const cap = (at: [number, number]): object =>
    isAlongX ? line([at[0], at[1] - 5], [at[0], at[1] + 5], l.ink) : line([at[0] - 5, at[1]], [at[0] + 5, at[1]], l.ink);
  return { type: "group", silent: true, children: [line(from, to, l.ink), cap(from), cap(to)] };
};

const PER_BAR = 32;
const AROUND_BARS = 36; // the axis below them and its numbers

/** Every bar keeps its own line, however many there are. */
export const proofHeight = (data: Proof): number => AROUND_BARS + PER_BAR * data.bars.length;

export function proof(data: Proof, l: Look): object {
  const format = unitFormat[data.unit];
  const reach = data.bars.map((bar) => bar.high ?? bar.value);
  return {
    ...ground(l),
    tooltip: {
      ...tooltip(l),
      formatter: (items: { dataIndex: number }[]): HTMLElement | string => {
        const bar = data.bars[items[0]?.dataIndex ?? 0];
        if (!bar) return "";
        const interval = bar.low == null || bar.high == null ? "" : `  (${format(bar.low)}–${format(bar.high)})`;
        return tipBox([bar.label, `${format(bar.value)}${interval}`, ...(bar.note ? [bar.note] : [])]);
      },
    },
    grid: { left: 8, right: (l.isNarrow ? 64 : 88) + (data.unit === "energy" ? 28 : 0), top: 8, bottom: 4, containLabel: true },
    xAxis: { ...valueAxis(l), min: 0, splitNumber: l.isNarrow ? 2 : 4, axisLabel: { color: l.faint, formatter: data.unit === "energy" ? unitFormat.number : format, hideOverlap: true } },
    yAxis: {
      type: "category", inverse: true, data: data.bars.map((bar) => bar.label), axisTick: { show: false }, axisLine: { lineStyle: { color: l.line } },
      axisLabel: { color: l.ink, fontSize: 13, interval: 0, width: l.isNarrow ? 128 : 208, overflow: "break" },
    },
    series: [
      {
        type: "bar",
        barWidth: 20,
        data: data.bars.map((bar) => ({ value: bar.value, itemStyle: { color: bar.tone === "action" ? l.action : l.context, borderRadius: [0, 3, 3, 0] } })),
      },
      { type: "custom", z: 5, renderItem: whisker(l, true), encode: { x: [1, 2], y: 0 }, data: data.bars.map((bar, place) => [place, bar.low ?? NaN, bar.high ?? NaN]) },
      {
        type: "scatter",
        symbolSize: 0.01,
        silent: true,
        data: reach.map((end, place) => [end, place]),
        label: { show: true, position: "right", distance: 8, color: l.ink, fontWeight: 600, fontSize: 13, formatter: (item: { dataIndex: number }) => format(data.bars[item.dataIndex]?.value ?? 0) },
      },
    ],
  };
}

export function billForecast(data: BillForecast, l: Look): object {
  const ahead = data.forecast;
  const months = [...data.months.map((bill) => bill.month), ...(ahead ? [ahead.month] : [])];
  const bars = data.months.map((bill) => ({ value: bill.amount_cny, itemStyle: { color: l.context } }));
  if (ahead) bars.push({ value: ahead.mid_cny, itemStyle: { color: l.lamp } });
  return {
    ...ground(l),
    tooltip: {
      ...tooltip(l),
      formatter: (items: { dataIndex: number }[]): HTMLElement | string => {
        const place = items[0]?.dataIndex ?? 0;
        const bill = data.months[place];
        if (bill) return tipBox([f.month(bill.month), f.money(bill.amount_cny, 2)]);
        return ahead ? tipBox([`${f.month(ahead.month)} · ${say("forecast")}`, `${f.money(ahead.low_cny)}–${f.money(ahead.high_cny)}`]) : "";
      },
    },
    grid: { left: 52, right: 16, top: 24, bottom: 28 },
    xAxis: { ...timeLine(l), type: "category", data: months, axisLabel: { color: l.faint, formatter: f.monthShort, hideOverlap: true } },
    yAxis: { ...valueAxis(l), min: 0, splitNumber: 3, axisLabel: { color: l.faint, formatter: f.axisMoney } },
    series: [
      { type: "bar", barMaxWidth: 24, barCategoryGap: "35%", data: bars.map((bar) => ({ ...bar, itemStyle: { ...bar.itemStyle, borderRadius: [3, 3, 0, 0] } })) },
      ...(ahead ? [{ type: "custom", z: 5, renderItem: whisker(l, false), encode: { x: 0, y: [1, 2] }, data: [[data.months.length, ahead.low_cny, ahead.high_cny]] }] : []),
    ],
  };
}
