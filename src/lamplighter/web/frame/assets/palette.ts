// One search, always there: Ctrl+K or "/". People come from the server, pages are filtered here.
import { isTyping } from "./keys";

export function palette(): void {
  const dialog = document.getElementById("palette");
  const input = document.getElementById("palette-q");
  if (!(dialog instanceof HTMLDialogElement) || !(input instanceof HTMLInputElement)) return;

  const show = (): void => {
    for (const other of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) other.close();
    listPages(dialog, input.value);
    dialog.showModal();
    input.select();
  };
  document.addEventListener("keydown", (event) => {
    const isCtrlK = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const isSlash = event.key === "/" && !event.ctrlKey && !event.altKey && !isTyping(event.target);
    if (!isCtrlK && !isSlash) return;
    event.preventDefault();
    if (!dialog.open) show();
  });
  document.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show();
  });
  input.addEventListener("input", () => listPages(dialog, input.value));
  dialog.addEventListener("keydown", (event) => move(dialog, input, event));
}

function listPages(dialog: HTMLElement, query: string): void {
  const list = dialog.querySelector("#palette-pages ul");
  const wanted = query.trim().toLowerCase();
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".rail [data-page]")];
  const found = links.filter((link) => (link.textContent ?? "").toLowerCase().includes(wanted));
  list?.replaceChildren(
    ...found.map((link) => {
      const item = document.createElement("li");
      const result = document.createElement("a");
      result.className = "result";
      result.href = link.href;
      result.append(...[...link.childNodes].map((node) => node.cloneNode(true)));
      item.append(result);
      return item;
    }),
  );
  const section = dialog.querySelector<HTMLElement>("#palette-pages");
  if (section) section.hidden = found.length === 0;
}

function move(dialog: HTMLElement, input: HTMLInputElement, event: KeyboardEvent): void {
  const results = [...dialog.querySelectorAll<HTMLElement>(".result")];
  const place = results.indexOf(document.activeElement as HTMLElement);
  if (event.key === "ArrowDown") {
    event.preventDefault();
    results[Math.min(place + 1, results.length - 1)]?.focus();
  } else if (event.key === "ArrowUp") {
    event.preventDefault();
    (place <= 0 ? input : results[place - 1])?.focus();
  } else if (event.key === "Enter" && event.target === input && !event.isComposing) {
    const first = dialog.querySelector<HTMLElement>("#palette-results .result");
    if (!first) return;
    event.preventDefault();
    first.click();
  } else if (event.key.length === 1 && place >= 0 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
    input.focus();
  }
}
