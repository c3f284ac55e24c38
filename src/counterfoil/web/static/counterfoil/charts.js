// Draws the charts: an element with data-chart names the JSON it is drawn from, in the colours of the theme.
(() => {
  "use strict";

  const colour = (name) => {
    const probe = document.createElement("span");
    probe.className = `colour-${name}`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };

  function options(data) {
    const [text, quiet, line, fill, second] = ["text", "quiet", "line", "fill", "second"].map(colour);
    return {
      animation: false,
      color: [fill, second, quiet],
      textStyle: { fontFamily: "Inter, system-ui, sans-serif", color: text },
      grid: { left: 8, right: 8, top: data.series.length > 1 ? 32 : 12, bottom: 4, containLabel: true },
      legend: { show: data.series.length > 1, top: 0, textStyle: { color: quiet } },
      tooltip: { trigger: "item", renderMode: "richText", formatter: (at) => `${at.name}  ${data.series[at.seriesIndex].texts[at.dataIndex]}` },
      xAxis: { type: "category", data: data.months, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: quiet } },
      yAxis: { type: "value", splitLine: { lineStyle: { color: line } }, axisLabel: { show: false } },
      series: data.series.map((one) => ({
        name: one.name,
        type: "bar",
        barMaxWidth: 40,
        data: one.values,
        label: { show: data.series.length === 1, position: "top", color: quiet, fontSize: 11, formatter: (at) => one.texts[at.dataIndex] },
      })),
    };
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-chart]").forEach((place) => {
      const data = JSON.parse(document.getElementById(place.dataset.chart).textContent);
      const chart = window.echarts.init(place, null, { renderer: "canvas" });
      const draw = () => chart.setOption(options(data), true);
      draw();
      addEventListener("resize", () => chart.resize());
      document.documentElement.addEventListener("counterfoil:theme", draw);
    });
  });
})();
