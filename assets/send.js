// sentenceSpace.send(text, "translate") puts the text into the tab's input and opens the tab.
const send = (text, to) => {
  props.value = text;
  trigger({ translate: "click", algebra: "submit", style: "select" }[to]);
  document.querySelector(`#tabs button[role=tab][data-tab-id="${to}"]`)?.click();
};
window.sentenceSpace = Object.assign(window.sentenceSpace ?? {}, { send });
