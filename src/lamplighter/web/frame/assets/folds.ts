// What comes later is folded on a phone. On a desk, on paper and without a script it stands open.
export function folds(): void {
  const folded = [...document.querySelectorAll<HTMLDetailsElement>("details[data-fold]")];
  if (matchMedia("(max-width: 640px)").matches) for (const one of folded) one.open = false;
  addEventListener("beforeprint", () => {
    for (const one of folded) one.open = true;
  });
}
