// Draws every <div data-chart="KIND" data-source="ID"> from the JSON in <script type="application/json" id="ID">.
//
// The JSON, the same for every kind:
//   {"x": [labels], "series": [{"name": …, "values": [numbers or null], "stack": "a"?, "kind": "line"|"bar"?, "axis": 1?}],
//    "x_name": …, "y_name": …, "format": "number"|"percent"|"money", "currency": "CNY", "lines": [{"name": …, "value": …}]}
// Kinds: line, area, bar, stacked, horizontal, donut, scatter (series values are [x, y] pairs), heatmap ({"x", "y", "cells": [[i, j, v]]}).
// ECharts stands in the vendor folder named by <meta name="echarts">; without it the table below the chart is all there is.
import { buildOption } from "./chart-options.js";
import { readTheme } from "./chart-theme.js";

const charts = new Map();
let library;

function loadLibrary() {
  library ??= import(document.querySelector('meta[name="echarts"]').content);
  return library;
}

function readSource(element) {
  return JSON.parse(document.getElementById(element.dataset.source).textContent);
}

/** Draw or redraw one element; `data` replaces what stands in its source. */
export async function draw(element, data = readSource(element)) {
  const echarts = await loadLibrary();
  let chart = charts.get(element);
  if (!chart) {
    chart = echarts.init(element, null, {
      renderer: "canvas",
      locale: document.documentElement.lang.startsWith("zh") ? "ZH" : "EN",
    });
    charts.set(element, chart);
    new ResizeObserver(() => chart.resize()).observe(element);
  }
  element.chartData = data;
  chart.setOption(buildOption(element.dataset.chart, data, readTheme(), element.clientWidth), {
    notMerge: true,
  });
  element.dataset.drawn = "true";
}

function drawAll(scope = document) {
  for (const element of scope.querySelectorAll("[data-chart]:not([data-drawn])")) draw(element);
}

function redrawAll() {
  for (const element of charts.keys()) draw(element, element.chartData);
}

drawAll();
document.addEventListener("htmx:load", (event) => drawAll(event.target));
document.addEventListener("theme-changed", redrawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
