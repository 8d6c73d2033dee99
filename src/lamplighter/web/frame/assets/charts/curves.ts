// Recovery burning down through the month, and the shape of a day.
import { say } from "../words";
import type { BurnDown, DayLines, DayProfile, Gap } from "./drawing";
import * as f from "./formats";
import { type Look, band, ground, timeLine, tipBox, tooltip, valueAxis } from "./look";

const endLabel = (l: Look, words: string, colour: string): object => ({
  show: true,
  formatter: words,
  color: colour,
  fontSize: 12,
  fontFamily: l.font,
  distance: 6,
  lineHeight: 18, // so that two pushed apart do not touch
});

/** Of two lines that end side by side the higher one's label is lifted: pushed down, the other would stand on the days. */
function lifted(label: object, own: Gap | undefined, other: Gap | undefined, data: BurnDown): object {
  const highest = Math.max(...[...data.last_month_cny, ...data.unpaid_cny].map((value) => value ?? 0));
  const isHigher = own != null && other != null && own >= other && own - other < highest / 10;
  return isHigher ? { ...label, offset: [0, -18] } : label;
}

export function burnDown(data: BurnDown, l: Look): object {
  const days = daysShown(data);
  const fill = (values: Gap[]): Gap[] => days.map((day) => values[Number(day) - 1] ?? null);
  return {
    ...ground(l),
    tooltip: { ...tooltip(l), formatter: burnTip(data) },
    grid: { left: 56, right: labelWidth([say("lastMonth"), say("forecast")], 96) + 14, top: 32, bottom: 32 },
    xAxis: { ...timeLine(l), type: "category", data: days, boundaryGap: false, axisLabel: { color: l.faint, fontSize: 12, hideOverlap: true, formatter: (day: string) => f.day(dayOf(data, day)) } },
    yAxis: { ...valueAxis(l), min: 0, axisLabel: { color: l.faint, formatter: f.axisMoney } },
    series: [
      {
        name: "last", type: "line", symbol: "none", emphasis: { disabled: true }, data: fill(data.last_month_cny),
        lineStyle: { color: l.context, width: 2 }, labelLayout: { moveOverlap: "shiftY" },
        endLabel: lifted(endLabel(l, say("lastMonth"), l.faint), data.last_month_cny.at(-1), data.forecast?.mid_cny.at(-1), data),
        markArea: windowArea(data, days, l),
      },
      ...forecastBand(data, days, l),
      {
        name: "this", type: "line", symbol: "none", emphasis: { disabled: true }, data: fill(data.unpaid_cny), z: 4,
        lineStyle: { color: l.action, width: 2.5 },
        markPoint: todayPoint(data, days, l),
      },
    ],
  };
}

const dayOf = (data: BurnDown, day: string): string => `${data.month.slice(0, 8)}${day.padStart(2, "0")}`;

/** The days of the month from the first of which an amount is known: before the bills are out there is nothing to see. */
function daysShown(data: BurnDown): string[] {
  const length = Math.max(data.unpaid_cny.length, data.last_month_cny.length);
  const firsts = [data.unpaid_cny, data.last_month_cny].map((values) => values.findIndex((value) => value != null)).filter((place) => place >= 0);
  const first = firsts.length ? Math.min(...firsts) : 0;
  return Array.from({ length: length - first }, (_, place) => String(first + place + 1));
}

function forecastBand(data: BurnDown, days: string[], l: Look): object[] {
  const ahead = data.forecast;
  if (!ahead) return [];
  const place = (values: number[]): Gap[] => days.map((day) => values[Number(day) - ahead.first_day_of_month] ?? null);
  return [
    ...band("forecast", place(ahead.low_cny), place(ahead.high_cny), l.lampSoft),
    {
      name: "mid", type: "line", symbol: "none", emphasis: { disabled: true }, data: place(ahead.mid_cny), z: 3, silent: true,
      lineStyle: { color: l.lamp, width: 2, type: "dashed" }, labelLayout: { moveOverlap: "shiftY" },
      endLabel: lifted(endLabel(l, say("forecast"), l.lampText), ahead.mid_cny.at(-1), data.last_month_cny.at(-1), data),
    },
  ];
}

const windowArea = (data: BurnDown, days: string[], l: Look): object | undefined =>
  data.window
    ? {
        silent: true,
        itemStyle: { color: l.actionSoft, opacity: 0.6 },
        label: { position: "insideTop", color: l.faint, fontSize: 12, distance: 6 },
        data: [[{ name: say("window"), xAxis: String(Math.max(data.window[0], Number(days[0] ?? 1))) }, { xAxis: String(data.window[1]) }]],
      }
    : undefined;

function todayPoint(data: BurnDown, days: string[], l: Look): object | undefined {
  const value = data.today == null ? null : data.unpaid_cny[data.today - 1];
  if (data.today == null || value == null) return undefined;
  const isEarly = days.indexOf(String(data.today)) < days.length / 2; // the words would reach over the axis
  return {
    symbol: "circle",
    symbolSize: 10,
    silent: true,
    itemStyle: { color: l.lamp, borderColor: l.surface, borderWidth: 2 },
    label: { show: true, position: isEarly ? "top" : "left", align: isEarly ? "left" : "right", distance: 8, formatter: `${say("today")} ${f.money(value)}`, color: l.ink, fontWeight: 600, fontSize: 12 },
    data: [{ coord: [String(data.today), value] }],
  };
}

const burnTip = (data: BurnDown) => (items: { axisValue?: string }[]): HTMLElement => {
  const place = Number(items[0]?.axisValue ?? 1) - 1;
  const iso = dayOf(data, String(place + 1));
  const lines = [`${say("dayOfMonth")} ${place + 1}`];
  if (place < data.unpaid_cny.length) lines[0] = f.day(iso);
  const now = data.unpaid_cny[place];
  if (now != null) lines.push(`${say("thisMonth")}  ${f.money(now)}`);
  const then = data.last_month_cny[place];
  if (then != null) lines.push(`${say("lastMonth")}  ${f.money(then)}`);
  const ahead = data.forecast;
  const step = ahead ? place + 1 - ahead.first_day_of_month : -1;
  if (ahead && step >= 0 && ahead.low_cny[step] != null) lines.push(`${say("forecast")}  ${f.money(ahead.low_cny[step]!)}–${f.money(ahead.high_cny[step]!)}`);
  return tipBox(lines);
};

export function dayProfile(data: DayProfile, l: Look): object {
  const slots = data.series[0]?.kwh.length ?? 0;
  const times = Array.from({ length: slots }, (_, slot) => f.slotTime(slot, slots));
  const colour = { today: l.lamp, context: l.faint, action: l.action };
  const words = { today: l.lampText, context: l.faint, action: l.action };
  return {
    ...ground(l),
    tooltip: {
      ...tooltip(l),
      formatter: (items: { dataIndex: number }[]): HTMLElement => {
        const slot = items[0]?.dataIndex ?? 0;
        const lines = data.series.map((line) => `${line.label}  ${line.kwh[slot] == null ? "–" : `${f.number(line.kwh[slot]!, 2)} kWh`}`);
        if (data.band) lines.push(`${data.band.label}  ${f.number(data.band.low_kwh[slot] ?? 0, 2)}–${f.number(data.band.high_kwh[slot] ?? 0, 2)} kWh`);
        return tipBox([times[slot] ?? "", ...lines]);
      },
    },
    grid: { left: 44, right: l.isNarrow ? 72 : 104, top: 32, bottom: 28 },
    xAxis: {
      ...timeLine(l), type: "category", data: times, boundaryGap: false,
      axisLabel: { color: l.faint, interval: (place: number) => place % (slots / (l.isNarrow ? 4 : 8)) === 0 },
    },
    yAxis: { ...valueAxis(l), min: 0, name: "kWh" },
    series: [
      ...(data.band ? band("usual", data.band.low_kwh, data.band.high_kwh, l.band) : []),
      ...data.series.map((line) => ({
        name: line.label, type: "line", symbol: "none", emphasis: { disabled: true }, data: line.kwh,
        lineStyle: { color: colour[line.tone], width: line.tone === "context" ? 1.5 : 2.25 },
        endLabel: endLabel(l, line.label, words[line.tone]),
        labelLayout: { moveOverlap: "shiftY" },
        z: line.tone === "context" ? 3 : 4,
      })),
    ],
  };
}

/** As wide as the longest label at 12 px, a Chinese character being twice a Latin one; at most two lines of it. */
const labelWidth = (labels: string[], most: number): number =>
  Math.min(most, Math.max(...labels.map((label) => [...label].reduce((sum, sign) => sum + (sign > "\u2e80" ? 13 : 7), 0)), 20));

export function dayLines(data: DayLines, l: Look): object {
  const width = labelWidth(data.series.map((line) => line.label), l.isNarrow ? 88 : 140);
  const colour = { today: l.lamp, context: l.faint, action: l.action, good: l.good };
  const words = { today: l.lampText, context: l.faint, action: l.action, good: l.good };
  return {
    ...ground(l),
    tooltip: {
      ...tooltip(l),
      formatter: (items: { dataIndex: number }[]): HTMLElement => {
        const place = items[0]?.dataIndex ?? 0;
        const lines = data.series.map((line) => `${line.label}  ${line.values[place] == null ? "–" : f.number(line.values[place]!, 0)}`);
        return tipBox([f.day(data.days[place] ?? ""), ...lines]);
      },
    },
    grid: { left: 48, right: width + 14, top: 24, bottom: 28 },
    xAxis: { ...timeLine(l), type: "category", data: data.days, boundaryGap: false, axisLabel: { color: l.faint, fontSize: 12, hideOverlap: true, formatter: (day: string) => f.day(day) } },
    yAxis: { ...valueAxis(l), scale: true, minInterval: 1 },
    series: data.series.map((line) => ({
      name: line.label, type: "line", symbol: "none", emphasis: { disabled: true }, data: line.values,
      lineStyle: { color: colour[line.tone], width: line.tone === "context" ? 1.5 : 2.25, type: line.tone === "context" ? "dashed" : "solid" },
      endLabel: { ...endLabel(l, line.label, words[line.tone]), width, overflow: "break" },
      labelLayout: { moveOverlap: "shiftY" },
      z: line.tone === "context" ? 3 : 4,
    })),
  };
}
