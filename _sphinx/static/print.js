// The button that prints a page; scripts in attributes are refused by the policy of the page.
for (const button of document.querySelectorAll(".btn-download-pdf-button")) {
  button.addEventListener("click", () => window.print());
}
