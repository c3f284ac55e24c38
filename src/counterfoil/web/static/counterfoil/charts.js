// Draws the charts: an element with data-chart names the JSON it is drawn from (layout/charts.py), in the colours of
// the theme. A bar with an address leads there. The table beside a chart says the same without it.
(() => {
  "use strict";

  const SERIES = ["chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6", "chart-7", "chart-8"];

  const colour = (name) => {
    const probe = document.createElement("span");
    probe.className = `colour-${name}`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };

  function frame(labels) {
    const [text, quiet, line] = ["text", "quiet", "line"].map(colour);
    return {
      animation: false,
      textStyle: { fontFamily: "Inter, system-ui, sans-serif", color: text },
      grid: { left: 4, right: 4, top: 24, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: labels, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: quiet, interval: 0, hideOverlap: true } },
      yAxis: { type: "value", splitLine: { lineStyle: { color: line } }, axisLabel: { show: false } },
      tooltip: { trigger: "item", renderMode: "richText" },
    };
  }

  // Several colours stacked on each label. The text of the whole stands over it.
  function bars(data, place) {
    const [quiet, surface] = ["quiet", "surface"].map(colour);
    const isNarrow = data.labels.length * 44 > place.clientWidth;
    const series = data.series.map((one, nth) => ({
      name: one.name,
      type: "bar",
      stack: "all",
      barMaxWidth: 44,
      data: one.values.map((value, at) => ({ value, address: one.addresses[at] || "", cursor: one.addresses[at] ? "pointer" : "default" })),
      itemStyle: { color: one.isPale ? colour("chart-pale") : colour(SERIES[nth % SERIES.length]), borderColor: surface, borderWidth: 1 },
    }));
    const heights = data.labels.map((_, at) => data.series.reduce((sum, one) => sum + Math.max(0, one.values[at]), 0));
    series.push({
      name: "",
      type: "line",
      symbol: "circle",
      silent: true,
      lineStyle: { opacity: 0 },
      itemStyle: { color: "transparent" },
      data: heights,
      label: { show: !isNarrow, position: "top", color: quiet, fontSize: 11, formatter: (at) => (heights[at.dataIndex] ? data.shorts[at.dataIndex] : "") },
      symbolSize: 1,
    });
    return {
      ...frame(data.labels),
      grid: { left: 4, right: 4, top: data.series.length > 1 ? 52 : 24, bottom: 4, containLabel: true },
      legend: { show: data.series.length > 1, type: "scroll", top: 0, left: 0, textStyle: { color: quiet }, pageTextStyle: { color: quiet }, data: data.series.map((one) => one.name) },
      tooltip: { trigger: "item", renderMode: "richText", formatter: (at) => `${at.name}\n${data.series[at.seriesIndex]?.name}  ${data.series[at.seriesIndex]?.texts[at.dataIndex]}\n${data.all}  ${data.totals[at.dataIndex]}` },
      series,
    };
  }

  // A walk from one total to another. Where a part crosses nought, it is drawn in two pieces. Where whole amounts have
  // no room beside one another, short ones stand over the bars; the table and the tooltip have them whole.
  function walk(data, place) {
    const isTight = data.steps.length * 84 > place.clientWidth;
    const [quiet, good, bad, fill] = ["quiet", "good", "bad", "chart-1"].map(colour);
    const piece = (step, isAbove) => {
      const [low, high] = [Math.min(step.start, step.end), Math.max(step.start, step.end)];
      return isAbove ? Math.max(0, high) - Math.max(0, low) : Math.min(0, low) - Math.min(0, high);
    };
    const base = (step) => {
      const [low, high] = [Math.min(step.start, step.end), Math.max(step.start, step.end)];
      return low > 0 ? low : high < 0 ? high : 0;
    };
    const paint = (step) => (step.isTotal ? fill : step.isQuiet ? quiet : step.end < step.start ? bad : good);
    const drawn = (isAbove) => data.steps.map((step) => ({ value: piece(step, isAbove), address: step.address, cursor: step.address ? "pointer" : "default", itemStyle: { color: paint(step) } }));
    const framed = frame(data.steps.map((step) => step.name));
    // A name of two words takes two lines: German ones are long.
    Object.assign(framed.xAxis.axisLabel, { width: place.clientWidth / data.steps.length - 4, overflow: "break", lineHeight: 14, hideOverlap: false });
    return {
      ...framed,
      tooltip: { trigger: "item", renderMode: "richText", formatter: (at) => `${at.name}  ${data.steps[at.dataIndex].text}` },
      series: [
        { type: "bar", stack: "all", silent: true, data: data.steps.map(base), itemStyle: { color: "transparent" } },
        { type: "bar", stack: "all", barMaxWidth: 64, data: drawn(true) },
        { type: "bar", stack: "all", barMaxWidth: 64, data: drawn(false) },
        { type: "line", symbol: "circle", symbolSize: 1, silent: true, lineStyle: { opacity: 0 }, itemStyle: { color: "transparent" }, data: data.steps.map((step) => Math.max(step.start, step.end, 0)), label: { show: true, position: "top", color: quiet, fontSize: 11, formatter: (at) => data.steps[at.dataIndex][isTight ? "short" : "text"] } },
      ],
    };
  }

  const KINDS = { bars, walk };

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-chart]").forEach((place) => {
      const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
      const chart = window.echarts.init(place, null, { renderer: "canvas" });
      const draw = () => chart.setOption(KINDS[data.kind](data, place), true);
      draw();
      chart.on("click", (at) => { if (at.data?.address) window.location.assign(at.data.address); });
      new ResizeObserver(() => { chart.resize(); draw(); }).observe(place);
      document.documentElement.addEventListener("counterfoil:theme", draw);
    });
  });
})();
