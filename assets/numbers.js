// Numbers typed or pasted beside a slider. The browser's own box knows a point and a hyphen, and leaves out
// without a word whatever else is typed: "0,5" becomes 5 there.
const NUMBER_BOX = "input[type=number][max]";
const plainNumber = (text) => text.replace(/\s/g, "").replace(/[−‒–—﹣－]/g, "-").replace(/[,٫，]/g, ".");
const writtenNumber = (value) =>
  String(value).replace("-", "−").replace(".", language === "ru" ? "," : ".");

// Says below a box what is wrong with its number; without a text takes back what was said.
const tellNumber = (box, text = "") => {
  const place = box.closest(".block") ?? box.parentElement;
  find(".ss-number", place)?.remove();
  if (!text) return;
  const line = document.createElement("div");
  line.className = "ss-error ss-number";
  line.setAttribute("role", "alert");
  line.textContent = text;
  place.append(line);
};
const sliderValue = (box) => find("input[type=range]", box.closest(".block"))?.value ?? box.min;

window.addEventListener("beforeinput", (event) => {
  const box = event.target, typed = event.data ?? event.dataTransfer?.getData("text/plain");
  if (!typed || !box.matches?.(NUMBER_BOX)) return;
  const plain = plainNumber(typed);
  if (plain === typed && /^[-+.\d]*$/.test(plain)) return;
  event.preventDefault();
  if (!/^[-+]?\d*\.?\d*$/.test(plain)) {
    tellNumber(box, say("page_no_number", { typed: typed.trim().slice(0, 20), value: writtenNumber(sliderValue(box)) }));
  } else if (plain) {
    document.execCommand("insertText", false, plain);
  }
}, true);

// Beyond the range a number becomes its end, since Gradio refuses it loudly; an unfinished one waits.
window.addEventListener("input", (event) => {
  const box = event.target;
  if (!box.matches?.(NUMBER_BOX)) return;
  const value = box.valueAsNumber, low = Number(box.min), high = Number(box.max);
  if (value > high || (value < low && low < 0)) {
    box.value = value > high ? high : low;
    tellNumber(box, say("page_number_range", { low: writtenNumber(low), high: writtenNumber(high) }));
  } else if (value >= low) tellNumber(box);
  else event.stopImmediatePropagation();
}, true);
document.addEventListener("focusout", (event) => {
  const box = event.target;
  if (!box.matches?.(NUMBER_BOX) || box.valueAsNumber >= Number(box.min)) return;
  const value = sliderValue(box), range = { low: writtenNumber(box.min), high: writtenNumber(box.max) };
  if (box.validity.badInput) tellNumber(box, say("page_number_kept", { value: writtenNumber(value) }));
  else if (box.value !== "") tellNumber(box, say("page_number_range", range));
  box.value = value;
});
