// Entry of every page. The chart bundle is fetched only where a chart stands.
import htmx from "htmx.org";
import { watchCharts } from "./charts/mount";
import { dialogs } from "./dialogs";
import { files } from "./files";
import { folds } from "./folds";
import { keys } from "./keys";
import { lists } from "./lists";
import { palette } from "./palette";
import { theme } from "./theme";
import { outcomes, toasts } from "./toasts";

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.allowScriptTags = false;
htmx.config.historyCacheSize = 0; // pages hold personal data: keep none of it in the browser's store
htmx.config.refreshOnHistoryMiss = true;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "...", swap: false, error: true },
];

theme();
dialogs();
files();
folds();
keys();
lists();
palette();
toasts();
outcomes();
watchCharts();

// After a refusal a person goes on at the first field to put right, else where it is said why.
const wrong = document.querySelectorAll<HTMLElement>('main [aria-invalid="true"], #fault');
const refused = [...wrong].find((field) => !field.closest("[data-sample]"));
if (refused && document.activeElement === document.body) {
  if (refused.id === "fault") refused.tabIndex = -1;
  refused.focus();
}
