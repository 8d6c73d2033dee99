// Keys for everything a person does often; none while someone types.
import { open } from "./dialogs";

const GO_MS = 1200;

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function keys(): void {
  let goUntil = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    if (event.altKey && !event.metaKey && !event.ctrlKey) return reach(event);
    if (event.ctrlKey && event.key === "Enter") return send(event);
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      open("keys");
    } else if (event.key === "g") {
      goUntil = event.timeStamp + GO_MS;
    } else if (event.timeStamp < goUntil) {
      goUntil = 0;
      press(event, `[data-go="${CSS.escape(event.key)}"]`);
    } else {
      press(event, `[data-key="${CSS.escape(event.key)}"]`);
    }
  });
}

function press(event: KeyboardEvent, selector: string): void {
  const target = document.querySelector<HTMLElement>(selector);
  if (!target) return;
  event.preventDefault();
  target.click();
}

// Also while someone types. Some keyboards write another letter with Alt, so the key itself counts, not what it writes.
function reach(event: KeyboardEvent): void {
  if (document.querySelector("dialog[open]")) return;
  const key = event.code.replace(/^(Key|Digit|Numpad)/, "").toLowerCase();
  const target = document.querySelector<HTMLElement>(`[data-alt="${CSS.escape(key)}"]`);
  if (!target) return;
  event.preventDefault();
  target.focus();
  if (target instanceof HTMLInputElement && /^(text|search)$/.test(target.type)) target.select();
  else if (!isTyping(target) || /^(radio|checkbox)$/.test((target as HTMLInputElement).type)) target.click();
}

function send(event: KeyboardEvent): void {
  const form = (event.target as Element).closest<HTMLFormElement>("form[data-ctrl-enter]") ?? document.querySelector<HTMLFormElement>("form[data-ctrl-enter]");
  if (!form || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  form.requestSubmit();
}
