// Every Russian sentence has one small menu: copy it, take it to another tab, hear it. The session's answers
// are kept in the browser, where it allows that.

const voice = () => (window.speechSynthesis?.getVoices() ?? []).find((one) => one.lang.startsWith("ru"));
space.hear = (text) => {
  if (!voice()) return notice(say("page_no_voice"));
  const said = new SpeechSynthesisUtterance(text);
  said.voice = voice();
  said.lang = "ru-RU";
  speechSynthesis.cancel();
  speechSynthesis.speak(said);
};
window.speechSynthesis?.getVoices();  // the first call only asks for them

const item = (name, act) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.addEventListener("click", () => {
    closeMenu();
    act();
  });
  return button;
};
let menuOpener = null, menuTop = 0;  // the button, and where on the screen it was pressed
const closeMenu = () => {
  find("#ss-menu")?.remove();
  menuOpener?.setAttribute("aria-expanded", "false");
  if (menuOpener?.isConnected) menuOpener.focus({ preventScroll: true });
  menuOpener = null;
};
const openMenu = (opener) => {
  closeMenu();
  const text = opener.dataset.say, modal = opener.closest("dialog"), menu = document.createElement("div");
  menu.id = "ss-menu";
  menu.setAttribute("role", "menu");
  menu.append(item(say("page_copy"), async () => {
    await copy(text);
    opener.dataset.said = " ✓";
    setTimeout(() => { delete opener.dataset.said; }, 1200);
  }));
  if (space.send) {
    for (const tab of ["translate", "algebra", "style"]) {
      menu.append(item(say("page_to_" + tab), () => {
        modal?.close();
        space.send(text, tab);
      }));
    }
  }
  if (voice()) menu.append(item(say("page_hear"), () => space.hear(text)));
  for (const one of menu.children) one.setAttribute("role", "menuitem");
  (modal ?? document.body).append(menu);  // what is outside an open dialog lies below it
  const box = opener.getBoundingClientRect(), size = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.right - size.width, innerWidth - size.width - 8))}px`;
  menu.style.top = `${box.bottom + size.height > innerHeight ? Math.max(8, box.top - size.height) : box.bottom}px`;
  menuOpener = opener;
  menuTop = box.top;
  opener.setAttribute("aria-expanded", "true");
  find("button", menu).focus({ preventScroll: true });
};
// The button that opens it, as demos/ui/markup.py writes it.
space.more = (text) => {
  const button = document.createElement("button"), name = say("page_more");
  Object.assign(button, { type: "button", className: "ss-more", textContent: "⋯", title: name });
  button.dataset.say = text;
  for (const [kind, value] of [["label", name], ["haspopup", "menu"], ["expanded", "false"]]) button.setAttribute("aria-" + kind, value);
  return button;
};
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-say]");
  if (opener) return opener === menuOpener ? closeMenu() : openMenu(opener);
  if (menuOpener && !event.target.closest?.("#ss-menu")) closeMenu();
});
document.addEventListener("scroll", () => {  // of whatever its button is in
  if (menuOpener?.isConnected && menuOpener.getBoundingClientRect().top !== menuTop) closeMenu();
}, { capture: true, passive: true });
document.addEventListener("keydown", (event) => {
  if (!menuOpener) return;
  const items = all("#ss-menu button"), by = step[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    if (event.key === "Escape") event.preventDefault();  // a dialog below stays
    closeMenu();
  } else if (by) {
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + by + items.length) % items.length].focus();
  }
});

// The history: the answers that stayed on the screen, the newest first; a quoted one is no answer of the pair.
const HISTORY = "sentence-space-history", MOST_KEPT = 60;
const SHOWN = {
  translate: "#translate-answers .ss-answer", average: "#average-answer .ss-answer",
  algebra: "#algebra-answer .ss-answer", style: "#style-answer .ss-answer",
};
const JOURNEY = "#algebra-answer .strip .ss-more";  // the menus of its stops, which hold their sentences
const inJourney = (tab = tabNow()) => tab === "algebra" && !find(SHOWN.algebra) && find(JOURNEY) !== null;
const saidNow = (tab = tabNow()) => all(inJourney(tab) ? JOURNEY : SHOWN[tab]);
const wordsOf = (one) => one.dataset.say ?? one.textContent.trim();
let history_ = stored((storage) => JSON.parse(storage.getItem(HISTORY) ?? "[]")) ?? [];
if (!Array.isArray(history_)) history_ = [];
const remember = () => {
  const answers = saidNow().filter((one) => !one.closest(".ss-old") && !one.querySelector("q"));
  space.remember(answers.slice(0, 12).map(wordsOf));
};
space.remember = (texts) => {
  const tab = tabNow(), fresh = texts.filter(Boolean);
  const known = new Set(history_.map((one) => one.text));
  const added = fresh.filter((text) => !known.has(text)).map((text) => ({ tab, text }));
  if (!added.length) return;
  history_ = [...added.reverse(), ...history_].slice(0, MOST_KEPT);
  stored((storage) => storage.setItem(HISTORY, JSON.stringify(history_)));
};
let remembering = null;
new MutationObserver(() => {
  clearTimeout(remembering);
  remembering = setTimeout(remember, 1500);
}).observe(find("#tabs") ?? document.body, { childList: true, characterData: true, subtree: true });

// A small window in the middle of the page, closed with Escape.
const dialog = (title, fill) => {
  find("#ss-dialog")?.remove();
  const box = document.createElement("dialog");
  box.id = "ss-dialog";
  const head = document.createElement("h2");
  head.textContent = title;
  box.append(head);
  fill(box);
  box.append(item(say("page_close"), () => box.close()));
  box.addEventListener("close", () => box.remove());
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
  document.body.append(box);
  box.showModal();
};
pressed["do-history"] = () => dialog(say("page_history"), (box) => {
  if (!history_.length) box.append(say("page_history_empty"));
  const list = document.createElement("ol");
  for (const { tab, text } of history_) {
    const line = document.createElement("li"), words = document.createElement("span");
    words.textContent = text;
    words.lang = "ru";
    line.append(words, space.more(text));
    line.dataset.tab = tab;
    list.append(line);
  }
  box.append(list);
  if (history_.length) box.append(item(say("page_history_clear"), () => {
    history_ = [];
    stored((storage) => storage.removeItem(HISTORY));
    box.close();
  }));
});
