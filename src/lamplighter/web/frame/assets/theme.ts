// Light or dark: the device decides until a person does. The choice is a cookie, so the server paints it at once.
const YEAR_SECONDS = 31_536_000;

export const THEME_CHANGED = "lamp:theme";

export function theme(): void {
  const device = matchMedia("(prefers-color-scheme: dark)");
  const announce = (): boolean => document.dispatchEvent(new CustomEvent(THEME_CHANGED));
  device.addEventListener("change", announce);
  document.addEventListener("click", (event) => {
    if (!(event.target as Element).closest("[data-theme-switch]")) return;
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : device.matches;
    root.dataset.theme = isDark ? "light" : "dark";
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `lamp_theme=${root.dataset.theme}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`;
    announce();
  });
}
