// The form of an application: below each field it says how the entry is read, while one types.
// Enter scores from a list, too. The focus never moves.
(() => {
  const form = document.querySelector("form[data-score]");
  if (!form) return;
  const PAUSE = 400; // milliseconds without a key
  const typed = new Set(); // names of fields; what the page says of the others stays
  let timer = 0;
  let underway = new AbortController();

  function send(address, entries) {
    underway.abort();
    underway = new AbortController();
    // A session that has ended leads to the sign-in page, which says nothing about an entry.
    return fetch(address, { method: "POST", body: entries, redirect: "error", signal: underway.signal });
  }

  function say(field, words) {
    const place = document.getElementById(`${field.id}_said`);
    if (!place || place.innerHTML === words) return; // a screen reader would read it again
    place.innerHTML = words;
    const isFault = place.querySelector(".fault") !== null;
    field.classList.toggle("is-invalid", isFault);
    if (isFault) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  async function wordsOf(reply) {
    if (!reply.ok) throw new Error(reply.status);
    const page = document.createElement("template");
    page.innerHTML = await reply.text();
    return page.content;
  }

  async function check() {
    let words;
    try {
      words = await wordsOf(await send(form.dataset.check, new FormData(form)));
    } catch {
      return; // a newer check is underway, or the site does not answer: scoring will say so
    }
    for (const field of form.elements) {
      const said = words.querySelector(`[data-said="${CSS.escape(field.id)}_said"]`);
      if (field.id && (said || typed.has(field.name))) say(field, said?.innerHTML ?? "");
    }
  }

  form.addEventListener("input", (event) => {
    const fields = event.target === form ? form.elements : [event.target];
    for (const field of fields) if (field.name) typed.add(field.name);
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  });

  form.addEventListener("keydown", (event) => {
    const isChoosing = !CSS.supports("selector(:open)") || event.target.matches(":open");
    if (event.key !== "Enter" || event.target.tagName !== "SELECT" || isChoosing) return;
    const button = form.querySelector("button[type=submit]");
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
})();
