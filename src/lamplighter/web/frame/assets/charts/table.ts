// The table behind each chart, written when it is opened.
import { say } from "../words";
import type { BillForecast, BurnDown, DayLines, DayProfile, Doors, Gap, Proof, Story } from "./drawing";
import * as f from "./formats";

type Table = { head: string[]; rows: string[][] };

const orDash = (value: Gap | undefined, format: (value: number) => string): string => (value == null ? "–" : format(value));

const money2 = (value: number): string => f.money(value, 2);

function story(data: Story): Table {
  const first = f.dayNumber(data.first_day);
  const notes = new Map<string, string[]>();
  const note = (day: string, words: string): void => void notes.set(day, [...(notes.get(day) ?? []), words]);
  for (const bill of data.bills) note(bill.day, `${say("bill")} ${money2(bill.amount_cny)}${bill.is_unpaid ? ` (${say("unpaidBill")})` : ""}`);
  for (const payment of data.payments) note(payment.day, `${say("payment")} ${money2(payment.amount_cny)}`);
  for (const change of data.changes) note(change.day, change.label);
  for (const mark of data.marks) note(mark.day, mark.label);
  const days = data.energy_kwh.map((_, place) => f.isoDay(first + place));
  const late = [...notes.keys()].filter((day) => !days.includes(day));
  const rows = [...days, ...late].map((day, place) => [
    day,
    orDash(data.energy_kwh[place], (value) => f.number(value)),
    `${orDash(data.neighbours_low_kwh?.[place], (value) => f.number(value))}–${orDash(data.neighbours_high_kwh?.[place], (value) => f.number(value))}`,
    (notes.get(day) ?? []).join("; "),
  ]);
  rows.sort((one, other) => (one[0]! < other[0]! ? 1 : -1));
  return { head: [say("day"), say("energy"), say("neighbours"), say("mark")], rows };
}

function burnDown(data: BurnDown): Table {
  const forecast = data.forecast;
  const length = Math.max(data.unpaid_cny.length, data.last_month_cny.length);
  const rows = Array.from({ length }, (_, place) => {
    const ahead = forecast ? place + 1 - forecast.first_day_of_month : -1;
    const low = forecast?.low_cny[ahead];
    const high = forecast?.high_cny[ahead];
    return [
      String(place + 1),
      orDash(data.unpaid_cny[place], money2),
      orDash(data.last_month_cny[place], money2),
      low == null || high == null ? "–" : `${f.money(low)}–${f.money(high)}`,
    ];
  });
  return { head: [say("dayOfMonth"), say("thisMonth"), say("lastMonth"), say("forecast")], rows };
}

function dayProfile(data: DayProfile): Table {
  const slots = data.series[0]?.kwh.length ?? 0;
  const band = data.band;
  return {
    head: [say("time"), ...data.series.map((line) => `${line.label} (kWh)`), ...(band ? [band.label] : [])],
    rows: Array.from({ length: slots }, (_, slot) => [
      f.slotTime(slot, slots),
      ...data.series.map((line) => orDash(line.kwh[slot], (value) => f.number(value, 3))),
      ...(band ? [`${orDash(band.low_kwh[slot], (value) => f.number(value, 3))}–${orDash(band.high_kwh[slot], (value) => f.number(value, 3))}`] : []),
    ]),
  };
}

function dayLines(data: DayLines): Table {
  return {
    head: [say("day"), ...data.series.map((line) => line.label)],
    rows: data.days.map((day, place) => [day, ...data.series.map((line) => orDash(line.values[place], (value) => f.number(value, 0)))]),
  };
}

export const unitFormat = { share: f.share, money: (value: number): string => f.money(value), number: (value: number): string => f.number(value, 2), energy: (value: number): string => `${f.number(value, 0)} kWh` };

function proof(data: Proof): Table {
  const format = unitFormat[data.unit];
  return {
    head: [say("name"), say("value"), say("low"), say("high")],
    rows: data.bars.map((bar) => [bar.label, format(bar.value), orDash(bar.low, format), orDash(bar.high, format)]),
  };
}

function billForecast(data: BillForecast): Table {
  const rows = data.months.map((bill) => [f.month(bill.month), money2(bill.amount_cny)]);
  const ahead = data.forecast;
  if (ahead) rows.push([`${f.month(ahead.month)} (${say("forecast")})`, `${f.money(ahead.low_cny)}–${f.money(ahead.high_cny)}`]);
  return { head: [say("month"), say("bill")], rows };
}

function doors(data: Doors): Table {
  return { head: [say("name"), say("status")], rows: data.doors.map(([label, status]) => [label, status]) };
}

const TABLES: Record<string, (data: never) => Table> = { story, burn_down: burnDown, day_profile: dayProfile, day_lines: dayLines, proof, bill_forecast: billForecast, doors };

export function fillTable(figure: HTMLElement, name: string, data: unknown): void {
  const details = figure.querySelector<HTMLDetailsElement>(".chart-table");
  details?.addEventListener(
    "toggle",
    () => {
      const build = TABLES[name];
      if (build) details.querySelector(".table-frame")?.replaceChildren(element(build(data as never), name, data));
    },
    { once: true },
  );
}

function element(table: Table, name: string, data: unknown): HTMLTableElement {
  const result = document.createElement("table");
  result.className = "table";
  const head = result.createTHead().insertRow();
  for (const words of table.head) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = words;
    head.append(cell);
  }
  const body = result.createTBody();
  table.rows.forEach((row, place) => {
    const line = body.insertRow();
    row.forEach((words, column) => {
      const cell = line.insertCell();
      const url = name === "doors" && column === 0 ? (data as Doors).doors[place]?.[2] : undefined;
      if (url) {
        const link = document.createElement("a");
        link.href = url;
        link.textContent = words;
        cell.append(link);
      } else cell.textContent = words;
    });
  });
  return result;
}
