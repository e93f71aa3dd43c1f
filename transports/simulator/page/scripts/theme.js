// Light or dark, before anything is drawn. What was chosen stays in this browser; otherwise the system says.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage may be forbidden
    }
  };
  const apply = () => {
    const theme = chosen() ?? (dark.matches ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("theme", { detail: theme }));
  };
  dark.addEventListener("change", apply);
  document.addEventListener("choose-theme", (event) => {
    try {
      localStorage.setItem("theme", event.detail);
    } catch {
      document.documentElement.dataset.theme = event.detail;
      return;
    }
    apply();
  });
  apply();
})();
