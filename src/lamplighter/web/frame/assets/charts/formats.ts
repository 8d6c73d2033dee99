// Numbers and days as the page's language writes them; the same forms as on the server.
import { isChinese } from "../words";

const DAY_MS = 86_400_000;

export const dayNumber = (iso: string): number => Date.parse(`${iso.slice(0, 10)}T00:00:00Z`) / DAY_MS;
export const isoDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

export const number = (value: number, digits = 1): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: 0, maximumFractionDigits: digits }).replace("-", "−");

export const money = (value: number, digits = 0): string => {
  const text = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${value < 0 ? "−" : ""}¥${text}`;
};

/** Money on an axis: short, in 万 or k. */
export const axisMoney = (value: number): string => {
  if (isChinese()) return Math.abs(value) >= 10_000 ? `¥${number(value / 10_000)}万` : `¥${number(value, 0)}`;
  return Math.abs(value) >= 1_000 ? `¥${number(value / 1_000)}k` : `¥${number(value, 0)}`;
};

export const share = (value: number): string => `${number(value * 100)}%`;
export const energy = (value: number): string => `${number(value)} kWh`;

const form = (iso: string, zh: Intl.DateTimeFormatOptions, en: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(isChinese() ? "zh-CN" : "en-GB", { timeZone: "UTC", ...(isChinese() ? zh : en) }).format(
    new Date(`${iso.slice(0, 10)}T00:00:00Z`),
  );

export const day = (iso: string): string =>
  form(iso, { month: "long", day: "numeric" }, { day: "numeric", month: "short" });
export const dayLong = (iso: string): string =>
  form(iso, { year: "numeric", month: "long", day: "numeric" }, { day: "numeric", month: "short", year: "numeric" });
export const month = (iso: string): string =>
  form(iso, { year: "numeric", month: "long" }, { month: "short", year: "numeric" });
export const monthShort = (iso: string): string => form(iso, { month: "short" }, { month: "short" });

export const slotTime = (slot: number, slots: number): string => {
  const minutes = Math.round((slot * 1440) / slots);
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
};
