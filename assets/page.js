// The page as a whole: theme, panels, names for those who do not see it, keys, copies.
// demos/page.py puts these scripts into one function, which Gradio calls when the page has been loaded.

// Gradio sets the language of the browser, whatever it is; the page speaks two.
const language = document.documentElement.lang.startsWith("ru") ? "ru" : "en";
const say = (key, values = {}) =>
  (TEXTS[language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const space = window.sentenceSpace = Object.assign(window.sentenceSpace ?? {}, { say });

// The browser may deny the page its storage: then what it keeps is for this visit.
const stored = (use, where = "localStorage") => {
  try {
    return use(window[where]);
  } catch {
    return null;
  }
};

// Dark or light, as last time.
const THEME = "sentence-space-theme";
const askedTheme = new URLSearchParams(location.search).get("__theme");
const keptTheme = stored((storage) => storage.getItem(THEME));
if (!askedTheme && keptTheme) document.body.classList.toggle("dark", keptTheme === "dark");
space.switchTheme = () => {
  const dark = document.body.classList.toggle("dark");
  stored((storage) => storage.setItem(THEME, dark ? "dark" : "light"));
};

// The other language: its name goes into the address, and the page is loaded anew with all that was typed.
space.switchLanguage = () => {
  const other = language === "ru" ? "en" : "ru";
  stored((storage) => storage.setItem("sentence-space-language", other));
  const address = new URL(location.href);
  address.searchParams.set("lang", other);
  history.replaceState(history.state, "", address);
  location.reload();
};

// What a button opens: a panel that Escape and the button close.
const panels = { "do-models": "models" };
const toggle = (button, panel, open = !panel.classList.contains("open")) => {
  panel.classList.toggle("open", open);
  button.setAttribute("aria-expanded", open);
};

// A telephone's header has no room for these: they are in its panel.
const fromModels = (id) => {
  toggle(find("#do-models"), find("#models"), false);
  pressed[id](find("#" + id));
};
const pressed = {
  "do-theme": () => space.switchTheme(),
  "do-language": () => space.switchLanguage(),
  "do-models": (button) => {
    find("#more-undo").disabled = find("#do-undo").disabled;
    toggle(button, find("#models"));
  },
  "more-history": () => fromModels("do-history"),
  "more-undo": () => fromModels("do-undo"),
  "style-own-make": async () => {  // the new slider is far above the form
    const sliders = () => all(".style-own").filter((row) => row.offsetParent), before = sliders().length;
    if (await until(() => sliders().length > before, 10000)) sliders().at(-1).scrollIntoView({ block: "center" });
  },
};
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[id]");
  if (button) pressed[button.id]?.(button, event);
  for (const [opener, id] of Object.entries(panels)) {
    const panel = find("#" + id);
    const outside = !event.target.closest?.(`#${id}, #${opener}, [role=listbox], [role=option]`);
    if (panel?.classList.contains("open") && outside && event.target.isConnected) {
      toggle(find("#" + opener), panel, false);
    }
  }
});
// On a telephone, whose page it covers, the panel of the pairs goes when the chosen one answers.
document.addEventListener("mousedown", async ({ target }) => {
  const panel = find("#models"), status = find("#pair-status .html-container"), told = status?.textContent;
  const option = target.closest?.("[role=option]");
  if (innerWidth > 640 || !option || !panel.classList.contains("open")) return;
  const answers = () => status.textContent !== told && !find("progress, [role=alert]", status);
  const waits = option.ariaSelected !== "true" && !(await until(answers, 3600000));
  if (!waits) toggle(find("#do-models"), panel, false);
}, true);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const [opener, id] of Object.entries(panels)) {
    const panel = find("#" + id);
    if (!panel?.classList.contains("open")) continue;
    toggle(find("#" + opener), panel, false);
    find("#" + opener).focus();
  }
});

// Copy buttons.
const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // a page that is not served over https or from this machine
    const area = (find("dialog[open]") ?? document.body).appendChild(document.createElement("textarea"));
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }
};
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy);
  button.dataset.said = "✓ " + button.dataset.done;
  setTimeout(() => { delete button.dataset.said; }, 1200);
});

// A finger that scrolls the page over a slider does not move it.
let touched = null;
document.addEventListener("pointerdown", (event) => {
  const slider = event.target;
  touched = event.pointerType === "touch" && slider.type === "range" ? { slider, value: slider.value } : null;
}, true);
document.addEventListener("pointercancel", () => {
  if (touched && touched.slider.value !== touched.value) {
    touched.slider.value = touched.value;
    touched.slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
  touched = null;
}, true);

// Gradio's dropdown opens its list again when the Tab key has left it: these keys are none of its business.
window.addEventListener("keydown", (event) => {
  const passing = event.key === "Tab" || event.key === "Shift";
  if (passing && event.target.matches?.("input[role=combobox]")) event.stopPropagation();
}, true);

// Arrows go from tab to tab and from choice to choice; Ctrl+Enter answers.
const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
document.addEventListener("keydown", (event) => {
  const here = event.target, by = step[event.key];
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && here.matches?.("textarea")) {
    const go = find("button[id$='-go']", here.closest(".tabitem") ?? document);
    if (!go?.offsetParent) return;
    event.preventDefault();
    go.click();
  }
  if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
  const tab = here.matches?.("[role=tab]"), choice = here.matches?.("input[type=radio]");
  if (!tab && !choice) return;
  const group = tab ? all("[role=tab]", here.parentElement) : all("input[type=radio]", here.closest("fieldset"));
  const next = group[(group.indexOf(here) + by + group.length) % group.length];
  event.preventDefault();
  next.focus();
  next.click();
});

// Where a button makes room for another (answer, stop), the focus goes with it.
const swaps = {};
for (const tab of ["translate", "average"]) {
  swaps[`${tab}-go`] = `${tab}-stop`;
  swaps[`${tab}-stop`] = `${tab}-go`;
}
let lastFocus = "";
document.addEventListener("focusin", (event) => { lastFocus = event.target.id; });
const followFocus = () => {
  const lost = !document.activeElement || document.activeElement === document.body;
  const next = lost && swaps[lastFocus] && find("#" + swaps[lastFocus]);
  if (next?.offsetParent) next.focus();
};

// What belongs to an older question is grey from the press of the button on, or else from when the run begins.
const ANSWERS = {
  translate: ["#translate-answers", "#translate-plot"],
  average: ["#average-answer", "#average-list", "#average-plot"],
};
const grey = (tab, old) => {
  for (const answer of ANSWERS[tab] ?? []) find(answer)?.classList.toggle("ss-old", old);
};
document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".ss-examples button, [id$='-go']");
  const tab = button?.closest(".tabitem")?.id.replace("tab-", "");
  if (tab in ANSWERS && !button.closest("[id*='-csv'], [id*='-json'], [id*='-html']")) grey(tab, true);
}, true);
// What the answers of Translate begin with, for those who do not see them: a table of them is too much to hear.
const teller = document.createElement("div");
teller.className = "sr-only ss-quiet";
teller.setAttribute("role", "status");
const tellAnswers = () => {
  const first = find("#translate-answers .ss-answer"), status = find("#translate-status").textContent.trim();
  if (first) teller.textContent = `${status}. ${first.textContent.trim()}`;
};
const regrey = (records) => {
  for (const [tab, answers] of Object.entries(ANSWERS)) {
    const changed = (place) => place && records.some(({ target }) => place.contains(target));
    const status = find(`#${tab}-status`), told = changed(status);
    if (told && find("progress[value='0']", status)) grey(tab, true);
    if (told && !find("progress, [role=alert]", status)) {
      grey(tab, false);
      if (tab === "translate") tellAnswers();
    }
    for (const answer of answers.map((one) => find(one))) if (changed(answer)) answer.classList.remove("ss-old");
  }
};

// Names and roles that Gradio gives nobody: for screen readers, and for the keyboard.
const NAMES = { "do-theme": "page_theme", "do-language": "page_language", "do-models": "page_models" };
const describe = () => {
  if (!teller.isConnected) find("#tabs")?.before(teller);
  for (const [id, name] of Object.entries(NAMES)) {
    const button = find("#" + id);
    if (!button || button.title) continue;
    button.title = say(name);
    button.setAttribute("aria-label", say(name));
    if (panels[id]) button.setAttribute("aria-expanded", "false");
  }
  for (const end of all(".min_value, .max_value")) {  // Gradio's own writing of numbers
    const own = writtenNumber(end.textContent);
    if (end.firstChild && end.textContent !== own) end.firstChild.data = own;
  }
  for (const heading of all(".ss-heading p, .ss-intro p")) {
    heading.setAttribute("role", "heading");
    heading.setAttribute("aria-level", heading.closest(".ss-intro") ? "2" : "3");
  }
  for (const answer of all("#average-answer, #algebra-answer, #style-answer")) {
    answer.setAttribute("aria-live", "polite");
    answer.setAttribute("aria-atomic", "true");
  }
  for (const row of all(".algebra-row")) {
    const term = find("textarea, input[type=text]", row)?.value || row.dataset.place || "…";
    for (const box of all("input[type=range], input[type=number]", row)) {
      box.setAttribute("aria-label", say("page_coefficient", { term }));
    }
  }
  for (const plot of all("[id$='-plot']")) {
    // In two dimensions the layer above it has the name, and tells what the keys do.
    if (find(".map-layer:not([hidden])", plot.closest(".speaking-map") ?? plot)) {
      plot.removeAttribute("role");
      plot.removeAttribute("aria-label");
      continue;
    }
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-label", say("page_plot"));
  }
};
let describing = null;
new MutationObserver((records) => {
  regrey(records);
  describing ??= setTimeout(() => {
    describing = null;
    describe();
    followFocus();
  }, 100);
}).observe(document.body, { childList: true, characterData: true, subtree: true });
describe();
