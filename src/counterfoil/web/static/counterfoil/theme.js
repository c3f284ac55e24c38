// Runs before anything is drawn, so that a dark page never flashes white.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  function apply(choice) {
    root.dataset.themeChoice = choice;
    root.dataset.bsTheme = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
    root.dispatchEvent(new CustomEvent("counterfoil:theme"));
  }

  window.counterfoilTheme = {
    choose(choice) {
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `theme=${choice}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
      apply(choice);
    },
  };

  system.addEventListener("change", () => apply(root.dataset.themeChoice));
  apply(root.dataset.themeChoice);
})();
