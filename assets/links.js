// The state is in the link: the address's fragment holds the version, the tab, and what its controls say,
// as JSON in base64url: #v1=…. Nothing of it is on the server's disk.

const OWN_AXES = "style-own-axes";
// The controls of each tab by the ids of their elements; of a choice the link holds the place of what is chosen.
const FIELDS = {
  translate: ["translate-split", "translate-wordings", "translate-whole", "translate-text", "translate-dims"],
  average: [
    "average-text", "average-auto", "average-opinions", "average-trim",
    "average-count", "average-choices", "average-length", "average-apart", "average-dims",
  ],
  algebra: [
    "algebra-mode", "algebra-sentence", "algebra-old", "algebra-new", "algebra-strength", "algebra-length",
    "algebra-factor", "algebra-exclude", "algebra-wordings", "algebra-3d",
    ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((row) => [`algebra-term-${row}`, `algebra-coefficient-${row}`]),
    "algebra-start", "algebra-end", "algebra-steps",
  ],
  style: [
    OWN_AXES, "style-sentence", "style-more", "style-axis", "style-dims",
    ...["ty_vy", "negative_positive", "informal_formal", "reserved_emotive", "own-1", "own-2", "own-3"]
      .map((axis) => "style-slider-" + axis),
    "style-own-name", "style-own-from", "style-own-to",
  ],
};
// Those that lie in a part that is closed at first, and not on the page until then, by the id of that part.
const CLOSED = {
  "translate-settings": /^translate-(split|wordings|whole)$/,
  "average-settings": /^average-(count|choices|length|apart)$/,
  "algebra-settings": /^algebra-(length|exclude|wordings)$/,
  "style-own": /^style-own-(name|from|to)$/,
};
const TABS = Object.keys(FIELDS);
const LONGEST_LINK = 60000;  // characters
const LONGEST_TEXT = 200000;

const tabButton = (tab) => all("#tabs [role=tab]")[TABS.indexOf(tab)];
const tabNow = () => TABS.find((tab) => tabButton(tab)?.getAttribute("aria-selected") === "true") ?? TABS[0];

// What a control says, undefined where it is not on the page.
const readField = (id) => {
  const field = find("#" + id);
  const radios = field ? all("input[type=radio]", field) : [];
  if (radios.length) return Math.max(0, radios.findIndex((radio) => radio.checked));
  const box = field && find("textarea, input[type=checkbox], input[type=range], input[type=text]", field);
  if (!box) return undefined;
  return box.type === "checkbox" ? box.checked : box.type === "range" ? box.valueAsNumber : box.value;
};
const type = (box, value) => {
  const kind = box.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(box, value);
  box.dispatchEvent(new Event("input", { bubbles: true }));
};
// Gives a control a value as a hand would; what no hand could do is left alone.
const writeField = (id, value) => {
  if (readField(id) === value) return;
  const field = find("#" + id);
  const radios = field ? all("input[type=radio]", field) : [];
  if (radios.length) return radios[value]?.click();
  const box = field && find("textarea, input[type=checkbox], input[type=range], input[type=text]", field);
  if (!box) return;
  if (box.type === "checkbox") box.click();
  else if (box.type !== "range") type(box, value);
  else if (Number.isFinite(value)) type(box, String(Math.max(Number(box.min), Math.min(Number(box.max), value))));
};

// The pair that answers, by its name: a link tells it, and never chooses it, since that may take gigabytes.
const pairNow = () => PAIRS.find((name) => find("#pair input")?.value === say("pairs_choice_" + name)) ?? "";

const capture = (tab = tabNow()) => {
  const fields = {};
  for (const id of FIELDS[tab]) {
    const value = readField(id);
    if (value !== undefined) fields[id] = value;
  }
  return { tab, fields, pair: pairNow() };
};
// The text of an example, whose mark demos/page.py writes, goes into a link as the example's name.
const markOf = (text) => {
  let mark = text.length;
  for (let place = 0; place < text.length; place += 1) mark = (Math.imul(mark, 31) + text.charCodeAt(place)) >>> 0;
  return mark;
};
const exampleOf = (tab, text = readField(`${tab}-text`) ?? "") =>
  Object.keys(EXAMPLES[tab] ?? {}).find((name) => EXAMPLES[tab][name] === markOf(text));
const encode = ({ tab, fields, pair }) => {
  const text = `${tab}-text`, example = exampleOf(tab, fields[text] ?? "");
  const state = example ? [tab, { ...fields, [text]: undefined }, pair, example] : [tab, fields, pair];
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return "#v1=" + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};
// The state that a fragment holds; null for none; an exception for one that nobody can read.
const decode = (fragment) => {
  if (fragment.length <= 1) return null;
  if (!fragment.startsWith("#v1=")) throw new Error("version");
  const binary = atob(fragment.slice(4).replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const [tab, given, pair, example] = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  if (!TABS.includes(tab) || typeof given !== "object" || !given) throw new Error("tab");
  if (example !== undefined && !Object.hasOwn(EXAMPLES[tab] ?? {}, example)) throw new Error("example");
  const fields = {};
  for (const [id, value] of Object.entries(given)) {
    if (!FIELDS[tab].includes(id)) continue;
    const fits = typeof value === "boolean" || Number.isFinite(value)
      || (typeof value === "string" && value.length <= LONGEST_TEXT);
    if (!fits) throw new Error(id);
    fields[id] = value;
  }
  return { tab, fields, pair: PAIRS.includes(pair) ? pair : "", example };
};

const notice = (text) => {
  find("#ss-notice")?.remove();
  if (!text) return;
  const line = document.createElement("div");
  line.id = "ss-notice";
  line.className = "ss-error";
  line.setAttribute("role", "alert");
  line.textContent = text;
  line.addEventListener("click", () => line.remove());
  find("#header").before(line);  // the tabs stand in the line of the header
};

const until = async (test, wait = 60000) => {
  for (const start = Date.now(); Date.now() - start < wait; await new Promise((go) => setTimeout(go, 60))) {
    const found = test();
    if (found) return found;
  }
  return null;
};

const OPENS = { algebra: "#algebra-answer .ss-answer", style: "#style-answer .ss-answer" };
let restoring = 0;  // how many restorations are at work: what they do to the controls is no visitor's doing
const byHand = new Map();  // what a hand has put into controls meanwhile: that stays
const visited = new Set([TABS[0]]);
// Opens a tab and fills its controls in as a hand would.
const restore = async ({ tab, fields, example }) => {
  restoring += 1;
  try {
    if (tabNow() !== tab) tabButton(tab).click();
    await until(() => FIELDS[tab].some((id) => readField(id) !== undefined));
    // What a tab that opens fills in comes first; a control that has just appeared does not listen yet.
    if (tab in OPENS && !visited.has(tab)) await until(() => find(OPENS[tab]));
    visited.add(tab);
    if (example) fields = { ...fields, ...await withExample(tab, example) };
    if (tab === "algebra") await enoughRows(fields);
    if (tab === "style") await ownAxes(fields[OWN_AXES] ?? "");
    for (const [part, within] of Object.entries(CLOSED)) {
      const lacks = ([id, value]) => within.test(id) && value !== "" && readField(id) === undefined;
      if (Object.entries(fields).some(lacks)) find(`#${part} > .label-wrap:not(.open)`)?.click();
    }
    // A busy page may put its own value back a little later: what is written must stay for a while.
    const left = Object.fromEntries(Object.keys(fields).map((id) => [id, 4]));  // times that each is written
    for (let calm = 0; calm < 3; calm += 1) {
      for (const id of FIELDS[tab]) {
        const wanted = byHand.get(id) ?? fields[id];
        if (byHand.has(id)) left[id] ??= 4;
        if (!left[id] || id === OWN_AXES || readField(id) === wanted) continue;
        writeField(id, wanted);
        left[id] -= 1;
        calm = -1;
      }
      await new Promise((go) => setTimeout(go, 150));
    }
    const seen = (name) => [find(`#${tab}-${name}`)].find((button) => button?.offsetParent);
    seen("stop")?.click();  // the example that a page opens with is under way
    if (!find(`#${tab}-go, #${tab}-stop`)) return;
    const go = await until(() => seen("go"), 20000);
    if (!go) return;
    grey(tab, true);
    go.click();
  } finally {
    restoring -= 1;
    if (!restoring && byHand.size) saveSoon();
    if (!restoring) byHand.clear();
  }
};
// The field that an example's button fills in, once it has.
const withExample = async (tab, example) => {
  if (exampleOf(tab) !== example) find(`#${tab}-${example}`)?.click();
  const filled = await until(() => exampleOf(tab) === example, 20000);
  return filled ? { [`${tab}-text`]: readField(`${tab}-text`) } : {};
};
// The visitor's own axes are made before their sliders are moved; the server forgets those that cannot be made.
const ownAxes = async (wanted) => {
  const has = () => readField(OWN_AXES);
  if (has() === wanted) return;
  const shown = () => all(".style-own").filter((row) => row.offsetParent).length;
  let count = -1;
  try { count = wanted ? JSON.parse(wanted).length : 0; } catch { /* the server says so too */ }
  writeField(OWN_AXES, wanted);
  await new Promise((go) => setTimeout(go, 50));
  find("#style-own-again").click();
  await until(() => shown() === count || has() !== wanted, 20000);
  if (has() !== wanted) notice(say("page_link_axes"));
};
const enoughRows = async (fields) => {
  if ("algebra-mode" in fields) writeField("algebra-mode", fields["algebra-mode"]);
  if (fields["algebra-mode"]) {
    await until(() => find(fields["algebra-mode"] === 1 ? "#algebra-sentence" : "#algebra-start")?.offsetParent, 10000);
    return;
  }
  await until(() => find("#algebra-add")?.offsetParent, 3000);
  const wanted = Object.keys(fields).filter((id) => id.startsWith("algebra-term-")).length;
  for (const shown = () => all(".algebra-row").filter((row) => row.offsetParent).length; ;) {
    const before = shown(), button = before < wanted ? find("#algebra-add") : find(`#algebra-remove-${before}`);
    if (before === wanted || !wanted || !button) return;
    button.click();
    if (!(await until(() => shown() !== before, 5000))) return;
  }
};

// What was typed in each tab, so that a reload in the middle of work loses nothing.
const DRAFTS = "sentence-space-drafts";
const drafts = () => stored((storage) => JSON.parse(storage.getItem(DRAFTS) ?? "{}"), "sessionStorage") ?? {};
const saveDraft = (tab, fields) => stored(
  (storage) => storage.setItem(DRAFTS, JSON.stringify({ ...drafts(), [tab]: fields })), "sessionStorage");
let saving = null;
let push = false;  // whether the next state that differs is a new place in the browser's history
let before = "";  // the state when the hand came down; "" on a page that no hand has touched
let moving = null;  // the control that a hand moves
const save = () => {
  clearTimeout(saving);
  saving = null;
  const state = capture();
  if (restoring) {  // the other controls do not say yet what they will
    const typed = Object.fromEntries(FIELDS[state.tab].filter((id) => byHand.has(id)).map((id) => [id, byHand.get(id)]));
    if (Object.keys(typed).length) saveDraft(state.tab, { ...drafts()[state.tab], ...typed });
    return;
  }
  saveDraft(state.tab, state.fields);
  const fragment = shortened(state);
  if (fragment === location.hash) return;
  if (push) {
    history.replaceState(history.state, "", addressWith(before));
    history.pushState({ undo: (history.state?.undo ?? 0) + 1 }, "", addressWith(fragment));
  } else history.replaceState(history.state, "", addressWith(fragment));
  push = false;
  before = fragment;
  showUndo();
};
// Whole, since Gradio's <base> would take the stage and the language off one that is a fragment alone.
const addressWith = (fragment) => location.pathname + location.search + fragment;
const shortened = (state) => {
  const fragment = encode(state);
  return fragment.length <= LONGEST_LINK ? fragment : encode({ ...state, fields: {} });
};
const saveSoon = (wait = 400) => {
  clearTimeout(saving);
  saving = setTimeout(save, wait);
};
const undo = () => { if (history.state?.undo) history.back(); };
const showUndo = () => { if (find("#do-undo")) find("#do-undo").disabled = !history.state?.undo; };
// A hand that comes down at once after a move must not take that move's state with it.
const handDown = () => {
  if (restoring) return;
  if (saving) save();
  before = shortened(capture());
};
for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, handDown, true);
// A hand that types while a tab is being filled in.
const handIn = (event) => {
  const id = restoring && event.isTrusted && FIELDS[tabNow()].find((one) => find("#" + one)?.contains(event.target));
  if (id) byHand.set(id, readField(id));
};
document.addEventListener("input", (event) => {
  if (!event.target.closest?.(".tabitem")) return;
  handIn(event);
  if (event.isTrusted && moving !== event.target) {
    push = true;
    moving = event.target;
  }
  saveSoon();
});
document.addEventListener("change", (event) => {
  if (!event.target.closest?.(".tabitem")) return;
  handIn(event);
  if (event.isTrusted) moving = null;
  saveSoon();
});
// An example is filled in by the server, which no event tells; its answer does.
new MutationObserver((records) => {
  const answered = ({ target }) => (target.closest ? target : target.parentElement)?.closest(ANSWERED);
  if (before && !restoring && records.some(answered)) saveSoon(100);
}).observe(document.body, { childList: true, characterData: true, subtree: true });
const ANSWERED = "#translate-answers, #average-answer, #algebra-answer, #style-answer";
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#tabs button");
  if (!button || (restoring && !event.isTrusted)) return;
  push = true;
  saveSoon();
  const tab = button.matches("[role=tab]") && tabNow();
  if (!tab || visited.has(tab)) return;
  const draft = waiting[tab];
  if (draft) restore({ tab, fields: draft });
  visited.add(tab);
});
// A page that is loaded anew has the address that it had when the loading began, which may be older than
// what was on the screen when it was left: that is kept beside it.
const LAST = "sentence-space-last";
window.addEventListener("pagehide", () => {
  const address = location.hash;
  if (saving) save();
  stored((storage) => storage.setItem(LAST, JSON.stringify([address, location.hash])), "sessionStorage");
});
const entry = performance.getEntriesByType("navigation")[0]?.type;
const caughtUp = () => {
  const [address, last] = stored((storage) => JSON.parse(storage.getItem(LAST) ?? "[]"), "sessionStorage") ?? [];
  const same = entry === "reload" || location.hash === address;  // else another place of the history
  if (last && same) history.replaceState(history.state, "", addressWith(last));
};

const waiting = {};  // drafts of tabs that are not open yet
const restoreAddress = async () => {
  try {
    const state = decode(location.hash);
    notice("");
    if (state?.pair && pairNow() && state.pair !== pairNow()) {
      notice(say("page_link_pair", { pair: say("pairs_title_" + state.pair) }));
    }
    if (state) await restore(state);
    else if (tabNow() !== TABS[0]) tabButton(TABS[0]).click();
  } catch {
    notice(say("page_link_broken"));
  }
};
window.addEventListener("popstate", () => {
  push = false;
  showUndo();
  restoreAddress();
});

// The link is to the screen, however its visitor looks at it: on stage or not, in light or dark, in either language.
space.link = () => {
  if (!restoring) save();
  return location.origin + location.pathname + location.hash;
};
// What a link to this screen leaves out, in a sentence; "" for nothing. A file that is loaded shows the button that forgets it.
const leftOut = () => (tabNow() === "average" && find("#average-forget")?.offsetParent ? say("page_link_file") : "");
let linkNamed = null;  // the time at which the button has its name again
pressed["do-link"] = async (button) => {
  const whole = encode(capture()).length <= LONGEST_LINK;
  await copy(space.link());
  clearTimeout(linkNamed);
  button.textContent = whole ? "✓" : "…";
  if (!whole || leftOut()) notice(whole ? leftOut() : say("page_link_long"));
  linkNamed = setTimeout(() => { button.textContent = say("page_do_link"); }, 1200);
};
NAMES["do-link"] = "page_link";
pressed["do-undo"] = undo;
NAMES["do-undo"] = "page_undo";

const again = ["reload", "back_forward"].includes(entry);
until(() => tabButton("style")).then(() => {
  showUndo();
  if (again) {
    Object.assign(waiting, drafts());
    if (waiting.translate) visited.delete(TABS[0]);  // the page may open with another tab
    caughtUp();
  }
  const first = again && !location.hash && waiting.translate;
  if (location.hash) restoreAddress();
  else if (first) restore({ tab: "translate", fields: first });
});
