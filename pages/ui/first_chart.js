// Says once that a chart is on screen: after the frame that shows it, or when none has come for
// long (a hidden tab draws no frames), so that the rest of the page never waits for ever.
const PATIENCE_MS = 20000;

export default function ({ setTriggerValue }) {
  let told = false;
  const tell = () => {
    if (!told) setTriggerValue("seen", true);
    told = true;
  };
  const look = () => {
    if (!document.querySelector(".js-plotly-plot .main-svg")) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(tell));
  };
  const watch = new MutationObserver(look);
  watch.observe(document.body, { childList: true, subtree: true });
  const late = setTimeout(tell, PATIENCE_MS);
  look();
  return () => {
    watch.disconnect();
    clearTimeout(late);
  };
}
