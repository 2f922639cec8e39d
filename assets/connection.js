// When the server is away, has started anew or has forgotten a page that slept: one message and a button. What
// was typed is kept as a draft, which the page that is loaded anew fills in.
const FORGETS = 4 * 60 * 1000;  // milliseconds after which the server may have forgotten a page that slept
const LOOKS = 20 * 1000;  // milliseconds between two looks at the server, while the page is in front
const SOON = 3 * 1000;  // and while it is away, or a hand is at work
const TOLD = { broken: ["page_broken", "page_broken_do"], stale: ["page_stale", "page_stale_do"] };
let connection = "well", lastLook = 0, lastBeat = Date.now();

const tellConnection = (state) => {
  if (connection === state || connection === "stale") return;
  connection = state;
  find("#ss-connection")?.remove();
  if (state === "well") return;
  const line = document.createElement("div"), again = document.createElement("button");
  line.id = "ss-connection";
  line.className = "ss-error";
  line.setAttribute("role", "alert");
  line.textContent = say(TOLD[state][0]) + " ";
  again.type = "button";
  again.textContent = say(TOLD[state][1]);
  again.addEventListener("click", () => {
    if (state === "broken") return look();
    save();
    location.reload();
  });
  line.append(again);
  document.body.prepend(line);
};
const look = async () => {
  const { root, api_prefix: prefix, app_id: id } = window.gradio_config;
  lastLook = Date.now();
  try {
    const answer = await fetch(`${root}${prefix}/app_id`, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    tellConnection((await answer.json()).app_id === id ? "well" : "stale");
  } catch {
    tellConnection("broken");
  }
};
const lookAfter = (wait) => {
  if (document.visibilityState === "visible" && Date.now() - lastLook >= wait) look();
};
setInterval(() => {
  const rested = Date.now() - lastBeat;
  lastBeat = Date.now();
  if (rested > FORGETS) tellConnection("stale");
  else lookAfter(connection === "broken" ? SOON : LOOKS);
}, 1000);
document.addEventListener("visibilitychange", () => lookAfter(0));
window.addEventListener("online", () => lookAfter(0));
for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, (event) => { if (event.target.closest?.(".tabitem")) lookAfter(SOON); });
}

// Gradio's own sentences, which it has in English alone.
const GRADIO_SAYS = [
  [/maximum allowed size of ([\d.]+)/, "page_file_large"],
  [/^HTTP 413/, "page_file_large"],
  [/^HTTP 503: Too many files/, "page_no_room"],  // demos/hosting.py
  [/^HTTP 503|currently busy|[Qq]ueue is full/, "page_busy"],
  [/^Connection (errored|to the server)|^Lost connection/, "page_broken"],
  [/^Connection Lost$/, "page_lost"],
  [/^The server has forgotten this visit/, "page_stale"],  // demos/api.py
  [/greater than maximum value (?<limit>-?[\d.]*\d)/, "page_value_large"],
  [/less than minimum value (?<limit>-?[\d.]*\d)/, "page_value_small"],
  [/not in the list of choices/, "page_value_choice"],
  [/^(An Unexpected Error Occurred|An (unknown )?error occurred|Could not parse server response)/, "page_unexpected"],
  [/^Error$/, "page_error"],
  [/^Warning$/, "page_warning"],
  [/^Info$/, "page_info"],
];
const MOST_MEGABYTES = String(Math.round((window.gradio_config?.max_file_size ?? 0) / 2 ** 20));
const sayAgain = (place) => {
  const text = place.textContent.trim();
  const [heard, key] = GRADIO_SAYS.find(([heard]) => heard.test(text)) ?? [];
  if (!heard) return;
  const { limit = "" } = text.match(heard).groups ?? {};
  const said = say(key, { size: MOST_MEGABYTES, limit: writtenNumber(limit) });
  const words = [...place.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (!words || words.data.trim() === said) return;
  words.data = said;
  if (key === "page_stale") tellConnection("stale");
};
new MutationObserver(() => {
  for (const place of all(".toast-title, .toast-message-text")) sayAgain(place);
}).observe(document.body, { childList: true, subtree: true });
