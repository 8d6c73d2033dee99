// The customer's story: daily energy over the neighbours' band, changes as questions, marks, and money below on the same time.
import { say } from "../words";
import type { Gap, Story } from "./drawing";
import * as f from "./formats";
import { type Look, band, ground, timeLine, tipBox, tooltip, valueAxis } from "./look";

const SIGNS: Record<string, string> = { REMINDER: "diamond", CALL: "circle", VISIT: "triangle", ORDER: "rect", COMPLAINT: "circle", NOTICE: "emptyCircle", OTHER: "emptyCircle" };

export function story(data: Story, l: Look): object {
  const days = daysOf(data);
  const filled = (values: Gap[] | undefined): Gap[] => days.map((_, place) => values?.[place] ?? null);
  const has = data.neighbours_low_kwh && data.neighbours_high_kwh;
  const firstShown = Math.max(0, days.length - (data.window_days ?? 180));
  return {
    ...ground(l),
    tooltip: { ...tooltip(l), formatter: tip(data) },
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    grid: grids(l),
    dataZoom: zooms(l, days, firstShown),
    xAxis: [0, 1, 2].map((place) => ({
      ...timeLine(l),
      type: "category",
      gridIndex: place,
      data: days,
      axisLine: { show: place !== 1, lineStyle: { color: l.line } },
      axisLabel: { ...(timeLine(l).axisLabel as object), show: place === 2, formatter: f.day },
    })),
    yAxis: [
      { ...valueAxis(l), gridIndex: 0, name: "kWh", min: 0, splitNumber: 3 },
      { type: "value", gridIndex: 1, show: false, min: 0, max: 1 },
      { ...valueAxis(l), gridIndex: 2, min: 0, splitNumber: 2, axisLabel: { color: l.faint, formatter: f.axisMoney } },
    ],
    series: [
      { name: "energy", type: "line", data: filled(data.energy_kwh), symbol: "none", lineStyle: { color: l.action, width: 1.6 }, emphasis: { disabled: true }, markLine: changeLines(data, l), z: 3 },
      ...(has ? band("neighbours", filled(data.neighbours_low_kwh), filled(data.neighbours_high_kwh), l.band) : []),
      ...marks(data, l),
      bars(data.bills, (bill) => (bill.is_unpaid ? { color: l.lamp } : { color: l.context }), say("bill"), days),
      bars(data.payments, () => ({ color: l.good }), say("payment"), days),
    ],
  };
}

function daysOf(data: Story): string[] {
  const first = f.dayNumber(data.first_day);
  const events = [...data.bills, ...data.payments, ...data.marks, ...data.changes].map((event) => f.dayNumber(event.day));
  const last = Math.max(first + data.energy_kwh.length - 1, f.dayNumber(data.today), ...events);
  return Array.from({ length: last - first + 1 }, (_, place) => f.isoDay(first + place));
}

const grids = (l: Look): object[] => [
  { left: 48, right: l.isNarrow ? 12 : 24, top: 40, height: "50%" },
  { left: 48, right: l.isNarrow ? 12 : 24, top: "61%", height: 20 },
  { left: 48, right: l.isNarrow ? 12 : 24, top: "68%", bottom: 64 },
];

const zooms = (l: Look, days: string[], firstShown: number): object[] => {
  const shared = { xAxisIndex: [0, 1, 2], startValue: firstShown, endValue: days.length - 1 };
  return [
    { ...shared, type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false },
    {
      ...shared,
      type: "slider",
      height: 20,
      bottom: 8,
      borderColor: l.line,
      fillerColor: l.actionSoft,
      backgroundColor: "transparent",
      handleStyle: { color: l.raised, borderColor: l.action },
      moveHandleStyle: { color: l.context },
      dataBackground: { lineStyle: { color: l.context, width: 1 }, areaStyle: { color: l.band } },
      selectedDataBackground: { lineStyle: { color: l.action, width: 1 }, areaStyle: { color: l.actionSoft } },
      textStyle: { color: l.faint, fontSize: 11 },
      labelFormatter: (_: number, iso: string) => f.dayLong(iso),
      brushSelect: false,
      showDetail: !l.isNarrow,
    },
  ];
};

function changeLines(data: Story, l: Look): object {
  return {
    symbol: "none",
    silent: true,
    animation: false,
    data: [
      ...data.changes.map((change) => ({
        xAxis: change.day,
        lineStyle: { color: l.lamp, width: 1.5, type: "dashed" },
        label: {
          formatter: `${change.kwh_per_day > 0 ? "+" : ""}${f.number(change.kwh_per_day)} kWh ?`,
          color: l.lampText,
          fontWeight: 600,
          backgroundColor: l.lampSoft,
          padding: [3, 6],
          borderRadius: 4,
          fontSize: 12,
        },
      })),
      { xAxis: data.today, lineStyle: { color: l.lamp, width: 1.5, type: "solid" }, label: { show: false } },
    ],
  };
}

function marks(data: Story, l: Look): object[] {
  return [
    {
      name: "marks",
      type: "scatter",
      xAxisIndex: 1,
      yAxisIndex: 1,
      symbolSize: 10,
      data: data.marks.map((mark) => ({
        value: [mark.day, 0.5],
        symbol: SIGNS[mark.kind] ?? "circle",
        itemStyle: { color: mark.kind === "COMPLAINT" ? l.care : mark.kind === "VISIT" ? l.action : l.soft },
      })),
    },
  ];
}

function bars<T extends { day: string; amount_cny: number }>(rows: T[], style: (row: T) => object, name: string, days: string[]): object {
  const byDay = new Map<string, object>();
  for (const row of rows) byDay.set(row.day, { value: row.amount_cny, itemStyle: { ...style(row), borderRadius: [2, 2, 0, 0] } });
  return { name, type: "bar", xAxisIndex: 2, yAxisIndex: 2, barWidth: 5, barGap: "20%", barMinHeight: 2, data: days.map((day) => byDay.get(day) ?? null) };
}

function tip(data: Story): (items: { axisValue?: string }[] | { axisValue?: string }) => HTMLElement | string {
  const first = f.dayNumber(data.first_day);
  return (items) => {
    const day = (Array.isArray(items) ? items[0] : items)?.axisValue;
    if (!day) return "";
    const place = f.dayNumber(day) - first;
    const lines = [f.dayLong(day)];
    const energy = data.energy_kwh[place];
    if (energy != null) lines.push(`${say("energyShort")}  ${f.energy(energy)}`);
    const low = data.neighbours_low_kwh?.[place];
    const high = data.neighbours_high_kwh?.[place];
    if (low != null && high != null) lines.push(`${say("neighbours")}  ${f.number(low)}–${f.number(high)} kWh`);
    const on = <T extends { day: string }>(rows: T[]): T[] => rows.filter((row) => row.day === day);
    for (const change of on(data.changes)) lines.push(change.label);
    for (const bill of on(data.bills)) lines.push(`${say("bill")}  ${f.money(bill.amount_cny, 2)}${bill.is_unpaid ? ` · ${say("unpaidBill")}` : ""}`);
    for (const payment of on(data.payments)) lines.push(`${say("payment")}  ${f.money(payment.amount_cny, 2)}`);
    for (const mark of on(data.marks)) lines.push(mark.label);
    return tipBox(lines);
  };
}
