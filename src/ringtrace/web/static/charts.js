// <rt-chart label="..."> draws the JSON in its child script element. The page's own table carries the same numbers.
// Kinds: lines, stacked-bars, bars (lying), grouped-bars, dots (lying); sankey and heatmap need the larger bundle.
"use strict";

const MARKS = ["circle", "rect", "triangle", "diamond", "path://M0 0h8L4 8z", "path://M0 3h3V0h2v3h3v2H5v3H3V5H0z", "path://M4 0l4 3-1.500 5h-5L0 3z"];
const NARROW = 560;

/** What every drawing needs: its data, the page's colours and letters, and how wide it is. */
class Look {
  constructor(element) {
    const style = getComputedStyle(element);
    this.data = element.data;
    this.width = element.clientWidth;
    this.colour = (name) => style.getPropertyValue(`--${name}`).trim();
    this.text = { color: this.colour("soft"), fontFamily: "system-ui, sans-serif", fontSize: 12 };
  }

  write(value) {
    const { decimals = 1 } = this.data;
    return value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  get tooltip() {
    return {
      renderMode: "richText",
      confine: true,
      backgroundColor: this.colour("card"),
      borderColor: this.colour("line-strong"),
      textStyle: { ...this.text, color: this.colour("text") },
    };
  }

  get names() {
    return {
      type: "category",
      data: this.data.days,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: this.colour("line-strong") } },
      axisLabel: { ...this.text, hideOverlap: true },
    };
  }

  /** Names beside lying bars, the first on top. */
  get namesBeside() {
    const width = this.width < NARROW ? 110 : 170;
    return { ...this.names, inverse: true, axisLabel: { ...this.text, width, overflow: "truncate" } };
  }

  get values() {
    return {
      type: "value",
      minInterval: this.data.decimals ? undefined : 1,
      splitLine: { lineStyle: { color: this.colour("line") } },
      axisLabel: this.text,
    };
  }

  get legend() {
    const { text, width } = this;
    return { top: 0, left: 0, right: 0, type: width < 640 ? "scroll" : "plain", pageTextStyle: text, pageIconSize: 10, itemWidth: 10, itemHeight: 10, itemGap: 14, textStyle: text };
  }
}

/** Bars and lines over a row of names; `lying` for names beside. */
function overNames(look, series, { lying = false, legend = {}, tell = tellPoints } = {}) {
  const many = look.data.series.length > 1;
  return {
    grid: { left: 4, right: 8, top: many ? 36 : 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: { ...look.legend, show: many, icon: "roundRect", ...legend },
    tooltip: {
      ...look.tooltip,
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: look.colour("soft"), opacity: 0.08 } },
      formatter: (points) => tell(look, points),
    },
    xAxis: lying ? look.values : look.names,
    yAxis: lying ? look.namesBeside : look.values,
    series,
  };
}

function tellPoints(look, points) {
  const { unit, sums = true } = look.data;
  const known = points.filter((point) => typeof point.value === "number" && (point.value !== 0 || !sums));
  const shown = known.sort((a, b) => b.value - a.value);
  const total = shown.reduce((sum, point) => sum + point.value, 0);
  const lines = shown.map((point) => `${point.seriesName}  ${look.write(point.value)}${sums ? "" : ` ${unit}`}`);
  const head = sums ? `  ·  ${look.write(total)} ${unit}` : "";
  return [`${points[0].axisValueLabel}${head}`, ...lines].join("\n");
}

function tones(look, each) {
  if (!each.tones) return each.values;
  return each.values.map((value, nth) => ({ value, itemStyle: { color: look.colour(each.tones[nth]) } }));
}

function plain(look, each, more) {
  return { name: each.name, data: tones(look, each), itemStyle: { color: look.colour(each.tone) }, emphasis: { disabled: true }, ...more };
}

const bar = { type: "bar", barMaxWidth: 26, barCategoryGap: "28%" };

const KINDS = {
  lines: (look) => overNames(look, look.data.series.map((each) => plain(look, each, { type: "line", showSymbol: false }))),
  "stacked-bars": (look) => overNames(look, look.data.series.map((each) => plain(look, each, { ...bar, stack: "all" }))),
  "grouped-bars": (look) => overNames(look, look.data.series.map((each) => plain(look, each, { ...bar, barGap: "12%" }))),
  bars: (look) => overNames(look, look.data.series.map((each) => plain(look, each, bar)), { lying: true }),

  /** A mark a series on each line, and a thin bar from the least to the most (`ranges`). */
  dots(look) {
    const { series, ranges } = look.data;
    const still = { silent: true, emphasis: { disabled: true }, tooltip: { show: false } };
    const reach = { type: "bar", stack: "range", barWidth: 5, ...still };
    const low = { ...reach, name: " low", data: ranges.map((range) => range[0]), itemStyle: { color: "transparent" } };
    const high = { ...reach, name: " high", data: ranges.map((range) => range[1] - range[0]), itemStyle: { color: look.colour("line"), borderRadius: 3 } };
    const mark = (each, nth) => (each.main ? "circle" : MARKS[nth % MARKS.length]);
    const marks = series.map((each, nth) =>
      plain(look, each, {
        type: "line",
        lineStyle: { width: 0, opacity: 0 },
        symbol: mark(each, nth),
        symbolSize: each.main ? 14 : 9,
        itemStyle: { color: look.colour(each.tone), borderColor: look.colour("card"), borderWidth: 1 },
        z: each.main ? 4 : 3,
      }),
    );
    const legend = { icon: undefined, data: series.map((each, nth) => ({ name: each.name, icon: mark(each, nth) })) };
    return overNames(look, [low, high, ...marks], { lying: true, legend, tell: tellDots });
  },

  /** `nodes` with `step` (0: where all ends, drawn on the right) and `links`; a narrow page has the last steps alone. */
  sankey(look) {
    const most = look.width < NARROW ? 2 : Infinity;
    const nodes = look.data.nodes.filter((node) => node.step <= most);
    const names = new Set(nodes.map((node) => node.name));
    const links = look.data.links.filter((link) => names.has(link.source) && names.has(link.target));
    const last = Math.max(...nodes.map((node) => node.step));
    const titles = new Map(nodes.map((node) => [node.name, node]));
    const whole = Math.max(...nodes.map((node) => node.value));
    const isNamed = (node) => (node.step > 0 ? node.value >= 0.006 * whole : most < Infinity); // a page names the end itself
    const tell = (point) =>
      point.dataType === "edge"
        ? `${titles.get(point.data.source).title} → ${titles.get(point.data.target).title}\n${look.write(point.value)} ${look.data.unit}`
        : `${titles.get(point.name).title}  ·  ${titles.get(point.name).when}\n${look.write(titles.get(point.name).value)} ${look.data.unit}`;
    return {
      tooltip: { ...look.tooltip, trigger: "item", formatter: tell },
      series: {
        type: "sankey",
        left: 2,
        right: 2,
        top: 6,
        bottom: 6,
        nodeWidth: 14,
        nodeGap: 12,
        nodeAlign: "right",
        draggable: false,
        layoutIterations: 24,
        emphasis: { focus: "adjacency" },
        lineStyle: { color: "source", opacity: 0.32, curveness: 0.5 },
        data: nodes.map((node) => ({
          name: node.name,
          depth: last - node.step,
          itemStyle: { color: look.colour(node.tone), borderWidth: 0 },
          label: { show: isNamed(node), position: node.step === 0 ? "left" : "right" },
        })),
        links,
        label: {
          ...look.text,
          color: look.colour("text"),
          textBorderColor: look.colour("card"),
          textBorderWidth: 3,
          width: look.width < NARROW ? 92 : Math.max(70, look.width / (last + 1) - 34),
          overflow: "truncate",
          formatter: (point) => titles.get(point.name).title,
        },
      },
    };
  },

  /** `rows` and `columns` of names, `cells` as [column, row, value]; the stronger the colour, the more. */
  heatmap(look) {
    const { rows, columns, cells, unit } = look.data;
    const most = Math.max(...cells.map((cell) => cell[2] ?? 0), 0);
    const names = (data, more) => ({ ...look.names, data, splitArea: { show: false }, ...more });
    return {
      grid: { left: 4, right: 8, top: 8, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      tooltip: {
        ...look.tooltip,
        trigger: "item",
        formatter: (point) => `${rows[point.value[1]]}, ${columns[point.value[0]]}\n${look.write(point.value[2])} ${unit}`,
      },
      visualMap: { type: "continuous", show: false, min: 0, max: most || 1, dimension: 2, inRange: { color: [look.colour("raised"), look.colour("accent")] } },
      xAxis: names(columns),
      yAxis: names(rows, { inverse: true }),
      series: {
        type: "heatmap",
        data: cells.filter((cell) => cell[2] !== null),
        itemStyle: { borderColor: look.colour("card"), borderWidth: 2, borderRadius: 3 },
        emphasis: { disabled: true },
      },
    };
  },
};

function tellDots(look, points) {
  const shown = points.filter((point) => !point.seriesName.startsWith(" ") && typeof point.value === "number");
  const lines = shown.sort((a, b) => b.value - a.value).map((point) => `${point.seriesName}  ${look.write(point.value)}`);
  return [points[0].axisValueLabel, ...lines].join("\n");
}

class RtChart extends HTMLElement {
  #chart = null;
  #resizes = null;
  #scheme = window.matchMedia("(prefers-color-scheme: dark)");
  #redraw = () => this.#draw();
  #was = 0;

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
    this.#resizes = new ResizeObserver(() => this.#resize());
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

  /** What is drawn depends on the width; while that stays, nothing is drawn again. */
  #resize() {
    this.#chart.resize();
    if (this.clientWidth !== this.#was) this.#draw();
  }

  #draw() {
    const look = new Look(this);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches || this.#was > 0;
    const options = KINDS[this.data.kind](look);
    this.#was = this.clientWidth;
    this.#chart.setOption({ animation: !still, animationDuration: 300, textStyle: look.text, ...options }, true);
  }
}

customElements.define("rt-chart", RtChart);
