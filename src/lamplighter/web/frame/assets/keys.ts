// Keys for everything a person does often; none while someone types.
import { open } from "./dialogs";

const GO_MS = 1200;

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function keys(): void {
  let goUntil = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.metaKey || event.ctrlKey) return;
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
