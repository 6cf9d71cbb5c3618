// Offers the words that the chosen code prepares for the applicant. What a person typed is never replaced.
(() => {
  for (const form of document.querySelectorAll("form.decide")) {
    const { code, applicant_text: words } = form.elements;
    let offered = "";
    form.addEventListener("change", () => {
      if (words.value !== offered) return;
      const prepared = form.querySelector(`[data-words-of="${CSS.escape(code.value)}"]`);
      offered = form.elements.verdict.value === "denied" && prepared ? prepared.textContent : "";
      words.value = offered;
    });
  }
})();
