export interface Drawing {
  redraw(): void;
  resize(): void;
  dispose(): void;
}

export type Gap = number | null;

export interface Story {
  first_day: string;
  energy_kwh: Gap[];
  neighbours_low_kwh?: Gap[];
  neighbours_high_kwh?: Gap[];
  changes: { day: string; label: string; kwh_per_day: number }[];
  bills: { day: string; amount_cny: number; is_unpaid: boolean }[];
  payments: { day: string; amount_cny: number }[];
  marks: { day: string; kind: string; label: string }[];
  today: string;
  window_days?: number;
}

export interface BurnDown {
  month: string;
  unpaid_cny: Gap[];
  last_month_cny: Gap[];
  forecast: { first_day_of_month: number; low_cny: number[]; mid_cny: number[]; high_cny: number[] } | null;
  window: [number, number] | null;
  today: number | null;
}

export interface DayProfile {
  series: { label: string; kwh: Gap[]; tone: "today" | "context" | "action" }[];
  band: { label: string; low_kwh: number[]; high_kwh: number[] } | null;
}

export interface DayLines {
  days: string[];
  series: { label: string; values: Gap[]; tone: "today" | "context" | "action" | "good" }[];
}

export interface Proof {
  unit: "share" | "money" | "number" | "energy";
  bars: { label: string; value: number; low: number | null; high: number | null; tone: string; note?: string }[];
}

export interface BillForecast {
  months: { month: string; amount_cny: number }[];
  forecast: { month: string; low_cny: number; mid_cny: number; high_cny: number } | null;
}

export interface Doors {
  doors: [string, string, string][];
  kind: "grade" | "payment";
}
