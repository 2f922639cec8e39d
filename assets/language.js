// The language that the visitor chose for the page, before the browser's own. The address holds it (?lang=ru), so
// that the server can read it from the requests' Referer; the browser may deny the page its storage.
(() => {
  const known = (language) => (language === "ru" || language === "en" ? language : null);
  const address = new URL(location.href);
  let kept = null;
  try { kept = known(localStorage.getItem("sentence-space-language")); } catch { /* then it is not kept */ }
  const chosen = known(address.searchParams.get("lang")) ?? kept;
  if (chosen) {
    Object.defineProperty(navigator, "language", { get: () => chosen });
    Object.defineProperty(navigator, "languages", { get: () => [chosen] });
    address.searchParams.set("lang", chosen);
    history.replaceState(history.state, "", address);
  }
  document.documentElement.lang = navigator.language.startsWith("ru") ? "ru" : "en";
})();
