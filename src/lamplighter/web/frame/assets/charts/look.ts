// The page's tokens as charts use them: grey for context, amber for today, one colour for action.
export interface Look {
  ink: string;
  soft: string;
  faint: string;
  line: string;
  surface: string;
  raised: string;
  lamp: string;
  lampText: string;
  lampSoft: string;
  action: string;
  actionSoft: string;
  context: string;
  band: string;
  good: string;
  care: string;
  font: string;
  isNarrow: boolean;
  isStill: boolean;
}

export function look(isNarrow: boolean): Look {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: token("--ink"),
    soft: token("--ink-soft"),
    faint: token("--ink-faint"),
    line: token("--line"),
    surface: token("--surface"),
    raised: token("--surface-raised"),
    lamp: token("--lamp"),
    lampText: token("--lamp-text"),
    lampSoft: token("--lamp-soft"),
    action: token("--action"),
    actionSoft: token("--action-soft"),
    context: token("--context"),
    band: token("--band"),
    good: token("--good"),
    care: token("--grade-d"),
    font: token("--sans"),
    isNarrow,
    isStill: matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
}

/** What all charts share. */
export const ground = (l: Look): Record<string, unknown> => ({
  animation: !l.isStill,
  animationDuration: 150,
  textStyle: { fontFamily: l.font, color: l.soft, fontSize: 12 },
  aria: { enabled: false }, // the drawing area has its name and a table stands behind it
});

export const tooltip = (l: Look): Record<string, unknown> => ({
  trigger: "axis",
  renderMode: "html",
  confine: true,
  backgroundColor: l.raised,
  borderColor: l.line,
  borderWidth: 1,
  padding: [8, 12],
  textStyle: { color: l.ink, fontSize: 13, fontFamily: l.font, lineHeight: 20 },
  axisPointer: { type: "line", lineStyle: { color: l.faint, type: "solid", width: 1 }, label: { show: false } },
});

/** A tooltip's lines as elements: no markup is ever made from data. */
export const tipBox = (lines: string[]): HTMLElement => {
  const box = document.createElement("div");
  box.className = "chart-tip";
  for (const words of lines) box.append(Object.assign(document.createElement("p"), { textContent: words }));
  return box;
};

export const valueAxis = (l: Look): Record<string, unknown> => ({
  type: "value",
  splitNumber: 4,
  splitLine: { lineStyle: { color: l.line, width: 1 } },
  axisLabel: { color: l.faint, fontSize: 12 },
  nameTextStyle: { color: l.faint, fontSize: 12, align: "left" },
});

export const timeLine = (l: Look): Record<string, unknown> => ({
  axisLine: { lineStyle: { color: l.line } },
  axisTick: { show: false },
  splitLine: { show: false },
  axisLabel: { color: l.faint, fontSize: 12, hideOverlap: true },
});

/** Two invisible-and-filled stacked lines that make a band. */
export const band = (name: string, low: (number | null)[], high: (number | null)[], colour: string, more: object = {}): object[] => {
  const shared = { type: "line", symbol: "none", silent: true, lineStyle: { width: 0 }, emphasis: { disabled: true }, stack: name, stackStrategy: "all", ...more };
  return [
    { ...shared, name: `${name}-low`, data: low, areaStyle: { opacity: 0 } },
    {
      ...shared,
      name: `${name}-high`,
      data: high.map((value, place) => (value == null || low[place] == null ? null : value - low[place]!)),
      areaStyle: { color: colour, opacity: 1 },
    },
  ];
};
