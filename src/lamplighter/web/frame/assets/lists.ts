// Rows that open, filters that send themselves, fields that only find, copying, printing.
import { toast } from "./toasts";
import { say } from "./words";

export function lists(): void {
  // Only the bar is moved: to scroll the page would also move where the Tab key begins.
  const current = document.querySelector<HTMLElement>(".tabs [aria-current]");
  const bar = current?.closest<HTMLElement>(".tabs");
  if (current && bar) bar.scrollLeft += current.getBoundingClientRect().left - bar.getBoundingClientRect().left - (bar.clientWidth - current.offsetWidth) / 2;
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const copier = target.closest<HTMLElement>("[data-copy]");
    if (copier) void copy(copier.dataset.copy ?? "");
    if (target.closest("[data-print]")) print();
    const row = target.closest<HTMLElement>("tr[data-href]");
    if (!row || target.closest("a, button, input, select, label, summary, form")) return;
    if (getSelection()?.toString()) return;
    const link = row.querySelector<HTMLAnchorElement>("a.row-link");
    if (link) link.click();
    else if (row.dataset.href) location.assign(row.dataset.href);
  });
  // What is typed to find something is looked up by itself: Enter there must not send the form.
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key === "Enter" && !event.isComposing && field instanceof HTMLElement && "finds" in field.dataset) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLElement) || !("submitOnChange" in field.dataset)) return;
    field.closest("form")?.requestSubmit();
  });
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(say("copied"), "good");
  } catch {
    toast(say("failed"), "harm");
  }
}
