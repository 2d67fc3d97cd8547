// <rt-chart label="..."> draws the JSON in its child script element. The page's own table carries the same numbers.
"use strict";

class RtChart extends HTMLElement {
  #chart = null;
  #resizes = null;
  #scheme = window.matchMedia("(prefers-color-scheme: dark)");
  #redraw = () => this.#draw();

  connectedCallback() {
    const source = this.querySelector('script[type="application/json"]');
    if (!source || !window.echarts) return;
    this.data = JSON.parse(source.textContent);
    this.canvas = document.createElement("div");
    this.canvas.className = "rt-canvas";
    this.append(this.canvas);
    this.setAttribute("role", "img");
    this.setAttribute("aria-label", this.getAttribute("label") || "Chart");
    this.#chart = window.echarts.init(this.canvas, null, { renderer: "svg" });
    this.#draw();
    this.#resizes = new ResizeObserver(() => this.#chart.resize());
    this.#resizes.observe(this);
    this.#scheme.addEventListener("change", this.#redraw);
  }

  disconnectedCallback() {
    this.#scheme.removeEventListener("change", this.#redraw);
    this.#resizes?.disconnect();
    this.#chart?.dispose();
    this.canvas?.remove();
    this.#chart = null;
  }

  #draw() {
    const colour = (name) => getComputedStyle(this).getPropertyValue(`--${name}`).trim();
    const text = { color: colour("soft"), fontFamily: "system-ui, sans-serif", fontSize: 12 };
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const lying = this.data.kind === "bars"; // names beside the bars, the longest bar on top
    const names = {
      type: "category",
      data: this.data.days,
      inverse: lying,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("line-strong") } },
      axisLabel: lying ? { ...text, width: 170, overflow: "truncate" } : { ...text, hideOverlap: true },
    };
    const values = { type: "value", minInterval: this.data.decimals ? undefined : 1, splitLine: { lineStyle: { color: colour("line") } }, axisLabel: text };
    this.#chart.setOption(
      {
        animation: !still,
        animationDuration: 300,
        textStyle: text,
        grid: { left: 4, right: 8, top: this.data.series.length > 1 ? 36 : 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
        legend: { show: this.data.series.length > 1, top: 0, left: 0, right: 0, type: this.clientWidth < 640 ? "scroll" : "plain", pageTextStyle: text, pageIconSize: 10, itemWidth: 10, itemHeight: 10, itemGap: 14, textStyle: text, icon: "roundRect" },
        tooltip: {
          trigger: "axis",
          renderMode: "richText",
          confine: true,
          axisPointer: { type: "shadow", shadowStyle: { color: colour("soft"), opacity: 0.08 } },
          backgroundColor: colour("card"),
          borderColor: colour("line-strong"),
          textStyle: { ...text, color: colour("text") },
          formatter: (points) => this.#tell(points),
        },
        xAxis: lying ? values : names,
        yAxis: lying ? names : values,
        series: this.data.series.map((each) => this.#series(each, colour)),
      },
      true,
    );
  }

  #series(each, colour) {
    const stacked = this.data.kind === "stacked-bars";
    return {
      name: each.name,
      type: stacked || this.data.kind === "bars" ? "bar" : "line",
      stack: stacked ? "all" : undefined,
      barMaxWidth: 26,
      barCategoryGap: "28%",
      showSymbol: false,
      data: each.tones ? each.values.map((value, nth) => ({ value, itemStyle: { color: colour(each.tones[nth]) } })) : each.values,
      itemStyle: { color: colour(each.tone) },
      emphasis: { disabled: true },
    };
  }

  #tell(points) {
    const { unit, decimals = 1, sums = true } = this.data;
    const write = (value) => value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    const known = points.filter((point) => typeof point.value === "number" && (point.value !== 0 || !sums));
    const shown = known.sort((a, b) => b.value - a.value);
    const total = shown.reduce((sum, point) => sum + point.value, 0);
    const lines = shown.map((point) => `${point.seriesName}  ${write(point.value)}${sums ? "" : ` ${unit}`}`);
    const head = sums ? `  ·  ${write(total)} ${unit}` : "";
    return [`${points[0].axisValueLabel}${head}`, ...lines].join("\n");
  }
}

customElements.define("rt-chart", RtChart);
