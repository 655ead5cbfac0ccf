// Opens the questions of what is chosen as the problem. Without it all of them can be opened by hand.
const choice = document.querySelector("select[name=choice]");
choice?.addEventListener("change", () => {
  document.querySelectorAll("details[data-choice]").forEach((each) => { each.open = each.dataset.choice === choice.value; });
});
