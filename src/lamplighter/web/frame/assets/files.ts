// A file field in the reader's language: the browser's own button speaks the browser's.
// The native field stays, transparent, over our words: click, key, drop and screen reader are its own.
import { say } from "./words";

function spoken(text: string, name: string): HTMLElement {
  const words = document.createElement("span");
  words.className = name;
  words.setAttribute("aria-hidden", "true");
  words.textContent = text;
  return words;
}

function speak(field: HTMLInputElement): void {
  const pick = document.createElement("span");
  pick.className = "file-pick";
  field.before(pick);
  const chosen = spoken(say("noFile"), "file-name");
  pick.append(field, spoken(say("chooseFile"), "file-button"), chosen);
  field.addEventListener("change", () => {
    const names = [...(field.files ?? [])].map((file) => file.name);
    chosen.textContent = names.length ? names.join(", ") : say("noFile");
  });
}

export function files(): void {
  const each = (within: ParentNode): void => {
    for (const field of within.querySelectorAll<HTMLInputElement>('input[type="file"]')) {
      if (!field.closest(".file-pick")) speak(field);
    }
  };
  each(document);
  document.addEventListener("htmx:load", (event) => each(event.target as Element));
}
