// Short messages, and outcome buttons that answer the finger before the server does.
import { say } from "./words";

const STAYS_MS = 6000;
const READ_MS = 12000; // what came with the page: it is read once the page is
const HARM = ".toast-harm, .toast-error, .toast-warning";

export function toast(text: string, tone = ""): void {
  const form = document.getElementById("toast-form");
  const place = document.getElementById("toasts");
  if (!(form instanceof HTMLTemplateElement) || !place) return;
  const copy = form.content.firstElementChild?.cloneNode(true);
  if (!(copy instanceof HTMLElement)) return;
  if (tone) copy.classList.add(`toast-${tone}`);
  const words = copy.querySelector("p");
  if (words) words.textContent = text;
  place.append(copy);
  if (tone !== "harm") setTimeout(() => copy.remove(), STAYS_MS);
}

export function toasts(): void {
  // What was done well need not cover the next button until somebody presses it away.
  for (const one of document.querySelectorAll(`#toasts .toast:not(${HARM})`)) setTimeout(() => one.remove(), READ_MS);
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-dismiss]")) (event.target as Element).closest(".toast")?.remove();
  });
  document.addEventListener("toast", (event) => {
    const { text, tone } = (event as CustomEvent<{ text: string; tone?: string }>).detail;
    toast(text, tone);
  });
  document.addEventListener("htmx:responseError", (event) => {
    const status = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr.status;
    toast(say(status === 401 || status === 403 ? "signedOut" : "failed"), "harm");
  });
  document.addEventListener("htmx:sendError", () => toast(say("offline"), "harm"));
}

/** The card fades and cannot be pressed twice; an error brings it back as it was; focus goes on to the next card. */
export function outcomes(): void {
  const cardOf = (event: Event): HTMLElement | null => {
    const form = (event.target as Element).closest("[data-outcome]");
    return form?.closest<HTMLElement>(".work") ?? null;
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const card = cardOf(event);
    if (!card) return;
    if ("pending" in card.dataset) event.preventDefault();
    card.dataset.pending = "yes";
    card.setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const card = cardOf(event);
    if (!card) return;
    delete card.dataset.pending;
    card.removeAttribute("aria-busy");
  });
  // Only once it has settled does the new card bear its own classes; before, those of the old one.
  document.addEventListener("htmx:afterSettle", (event) => {
    const target = (event as CustomEvent<{ target: Element }>).detail.target;
    if (!target.id.startsWith("card-")) return;
    const card = document.getElementById(target.id);
    const cards = [...document.querySelectorAll<HTMLElement>(".work")];
    const next = card?.classList.contains("work-done") ? cards[cards.indexOf(card) + 1] : card;
    const fold = next?.closest<HTMLDetailsElement>("details[data-fold]");
    if (fold) fold.open = true;
    const link = next?.querySelector<HTMLElement>("h3 a") ?? card?.querySelector<HTMLElement>("h3 a");
    link?.focus({ preventScroll: true });
  });
}
