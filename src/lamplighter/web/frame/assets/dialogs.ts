// Dialogs, menus that close by themselves, and the question before a serious step.
export function open(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
}

export function dialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-dialog]");
    if (opener) open(opener.dataset.dialog ?? "");
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
    if (target instanceof HTMLDialogElement && isOutside(target, event)) target.close();
    closeMenus((menu) => menu.contains(target) && target.closest("button") === null);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = (document.activeElement as Element | null)?.closest<HTMLDetailsElement>("details[data-menu][open]");
    menu?.querySelector("summary")?.focus();
    closeMenus(() => false);
  });
  document.addEventListener("submit", ask, true);
}

function isOutside(dialog: HTMLDialogElement, event: MouseEvent): boolean {
  const box = dialog.getBoundingClientRect();
  const isInside =
    event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return event.detail > 0 && !isInside;
}

function closeMenus(stays: (menu: HTMLDetailsElement) => boolean): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    if (!stays(menu)) menu.open = false;
  }
}

function ask(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const words = form.dataset.confirm;
  const dialog = document.getElementById("ask");
  if (!words || form.dataset.agreed || !(dialog instanceof HTMLDialogElement)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const title = dialog.querySelector("h2");
  if (title) title.textContent = words;
  const agree = dialog.querySelector<HTMLButtonElement>("[data-agree]");
  const submitter = event.submitter;
  const agreed = (): void => {
    form.dataset.agreed = "yes";
    dialog.close();
    form.requestSubmit(submitter);
    delete form.dataset.agreed;
  };
  agree?.addEventListener("click", agreed, { once: true });
  dialog.addEventListener("close", () => agree?.removeEventListener("click", agreed), { once: true });
  dialog.showModal();
}
