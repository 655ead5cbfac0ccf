"""Somebody who has a keyboard and no mouse: she goes by Tab and must see, at each stop, where she is."""

from playwright.sync_api import Locator, Page, expect

_UNSEEN = """async () => {
  const wrong = () => {
    const node = document.activeElement;
    if (!node || node === document.body) return null;
    const name = node.outerHTML.slice(0, 160);
    const marks = [node, node.closest("label"), node.labels?.[0]].filter(Boolean).map((each) => getComputedStyle(each));
    if (!marks.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2))
      return `no ring: ${name}`;
    const box = node.getClientRects()[0];
    if (!box) return `no box: ${name}`;
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    if (right - left < Math.min(box.width, 24) || bottom - top < Math.min(box.height, 24))
      return `out of sight: ${name}`;
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    const own = [node, node.closest("label"), node.labels?.[0]].filter(Boolean);
    return own.some((each) => each.contains(hit) || hit?.contains(each)) ? null : `covered: ${name}`;
  };
  for (let frame = 0; frame < 60 && wrong(); frame++) await new Promise(requestAnimationFrame);
  return wrong();
}"""
"""What is wrong with the focus: no ring around it, out of sight, or something lies over it (WCAG 2.4.7, 2.4.11).

What has the focus scrolls into sight with one of the next frames."""

_STOPS = """() => {
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]";
  const groups = new Set();
  return [...document.querySelectorAll(kinds)].filter((node) => {
    if (node.disabled || node.tabIndex < 0 || !node.checkVisibility({ visibilityProperty: true })) return false;
    if (node.type !== "radio") return true;
    const group = `${node.form?.id}/${node.name}`;
    return groups.has(group) ? false : groups.add(group);
  }).length;
}"""
"""How many stops a page has; the choices of a group are one."""

_NEW = """() => {
  const node = document.activeElement;
  return node !== document.body && !node.dataset.been && (node.dataset.been = "1");
}"""


class Hands:
    """Tab, Shift+Tab and typing; every stop is looked at."""

    def __init__(self, page: Page) -> None:
        page.emulate_media(reduced_motion="reduce")
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def shortcut(self, key: str) -> None:
        """Press a single key that a script of the page listens to, once it does."""
        self.page.wait_for_load_state()
        self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tab_to(self, wanted: Locator, *, most: int = 80) -> None:
        """Go on by Tab until `wanted` has the focus."""
        expect(wanted).to_be_visible()
        for _ in range(most):
            if wanted.evaluate("node => node === document.activeElement"):
                return
            self._step()
        raise AssertionError(f"not reached by {most} times Tab: {wanted}")

    def fill(self, field: str, text: str) -> None:
        """Go to a field by Tab and replace what is in it."""
        self.tab_to(self.page.locator(field))
        self.press("Control+a")
        self.type(text)

    def use(self, name: str, *, role: str = "button") -> None:
        """Go to a button or link by Tab and press Enter."""
        self.tab_to(self.page.locator("main").get_by_role(role, name=name, exact=True))  # type: ignore[arg-type]
        self.press("Enter")

    def follow_error(self, field: str) -> None:
        """Go from what is wrong, where the focus stands after a refusal, to the field that it is about."""
        expect(self.page.locator("[data-focus-first]")).to_be_focused()
        self.tab_to(self.page.locator(f"[data-focus-first] a[href='{field}']"))
        self.press("Enter")
        expect(self.page.locator(field)).to_be_focused()

    def mend(self, field: str, text: str) -> None:
        """Follow the error to its field and type the right thing."""
        self.follow_error(field)
        self.press("Control+a")
        self.type(text)

    def walk(self) -> None:
        """Go once round the page from where the focus is: every control is a stop, and every stop is seen."""
        expected, reached = self.page.evaluate(_STOPS), 0
        for _ in range(expected + 3):  # between its end and its top the focus leaves the page
            self._step()
            reached += bool(self.page.evaluate(_NEW))
        assert reached == expected, (self.page.url, reached, expected)

    def _step(self) -> None:
        self.press("Tab")
        wrong = self.page.evaluate(_UNSEEN)
        assert wrong is None, (self.page.url, wrong)
