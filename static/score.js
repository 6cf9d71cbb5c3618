// The form of an application: Enter scores from a list, too, as it does from a text.
(() => {
  const form = document.querySelector("form[data-score]");
  if (!form) return;

  form.addEventListener("keydown", (event) => {
    const isChoosing = !CSS.supports("selector(:open)") || event.target.matches(":open");
    if (event.key !== "Enter" || event.target.tagName !== "SELECT" || isChoosing) return;
    const button = form.querySelector("button[type=submit]");
    if (!button) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
})();
