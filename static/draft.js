// Keeps a draft on the site while somebody edits it, so that a closed tab loses nothing.
(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const status = form.querySelector("[data-draft-status]");
  const PAUSE = 800; // milliseconds without a key
  let timer = 0;
  let unkept = false;

  function entries() {
    const data = new FormData(form);
    data.set("do", "autosave");
    return data;
  }

  async function keep() {
    unkept = false;
    try {
      const reply = await fetch(form.action, { method: "POST", body: entries() });
      status.textContent = reply.status === 204 ? "Draft kept." : "Not kept: sign in again in another tab.";
      unkept ||= reply.status !== 204;
    } catch {
      unkept = true;
      status.textContent = "Not kept: the site does not answer.";
    }
  }

  form.addEventListener("input", () => {
    unkept = true;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  });
  form.addEventListener("submit", () => {
    unkept = false;
    clearTimeout(timer);
  });
  addEventListener("pagehide", () => unkept && navigator.sendBeacon(form.action, entries()));
})();
