// From our small chart JSON to an ECharts option. Pure: no DOM, no library.
const SMALL_WIDTH = 480;

/** Values as they read: plain, per cent of a fraction, or money in major units. */
export function formatter(data, language = globalThis.document?.documentElement.lang ?? "en") {
  const options = {
    percent: { style: "percent", maximumFractionDigits: 2 },
    money: {
      style: "currency",
      currency: data.currency ?? "CNY",
      currencyDisplay: "narrowSymbol",
      notation: "compact",
      maximumFractionDigits: 2,
    },
    number: { notation: "compact", maximumFractionDigits: 2 },
  }[data.format ?? "number"];
  const intl = new Intl.NumberFormat(language, options);
  return (value) =>
    value === null || value === undefined || Number.isNaN(value)
      ? "–"
      : intl.format(Array.isArray(value) ? value.at(-1) : value);
}

function base(data, theme, width) {
  return {
    color: theme.series,
    textStyle: { fontFamily: theme.font, color: theme.text },
    animationDuration: 300,
    aria: { enabled: true },
    grid: {
      left: 8,
      right: 16,
      top: data.series?.length > 1 || data.lines ? 40 : 16,
      bottom: data.x_name ? 28 : 8,
      containLabel: true,
    },
    // richText draws the tooltip on the canvas: no inline styles, so the strict CSP holds
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      valueFormatter: formatter(data),
      backgroundColor: theme["surface-raised"],
      borderColor: theme.border,
      textStyle: { color: theme.text, fontFamily: theme.font, fontSize: 12 },
    },
    legend: {
      show: (data.series?.length ?? 0) > 1,
      type: "scroll",
      top: 0,
      left: 0,
      icon: "roundRect",
      itemWidth: 12,
      itemHeight: 8,
      textStyle: { color: theme["text-muted"], fontSize: width < SMALL_WIDTH ? 11 : 12 },
      pageTextStyle: { color: theme["text-muted"] },
    },
  };
}

function categoryAxis(data, theme) {
  return {
    type: "category",
    data: data.x,
    name: data.x_name,
    nameLocation: "middle",
    nameGap: 28,
    nameTextStyle: { color: theme["text-muted"] },
    axisLine: { lineStyle: { color: theme.border } },
    axisTick: { show: false },
    axisLabel: { color: theme["text-muted"], hideOverlap: true },
  };
}

function valueAxis(data, theme, name = data.y_name) {
  return {
    type: "value",
    name,
    nameTextStyle: { color: theme["text-muted"], align: "left" },
    nameGap: 12,
    axisLabel: { color: theme["text-muted"], formatter: formatter(data) },
    splitLine: { lineStyle: { color: theme.border, type: "dashed" } },
    scale: Boolean(data.zoom),
  };
}

function markLines(data, theme) {
  if (!data.lines?.length) return undefined;
  return {
    silent: true,
    symbol: "none",
    label: { color: theme.danger, formatter: "{b}", position: "insideEndTop" },
    lineStyle: { color: theme.danger, type: "dashed" },
    data: data.lines.map((line) => ({ name: line.name, [line.along ?? "yAxis"]: line.value })),
  };
}

function cartesian(kind, data, theme, width) {
  const horizontal = kind === "horizontal";
  const drawnAs = kind === "line" || kind === "area" ? "line" : "bar";
  const series = data.series.map((one, index) => ({
    name: one.name,
    type: one.kind ?? drawnAs,
    data: one.values,
    yAxisIndex: one.axis ?? 0,
    stack: one.stack ?? (kind === "stacked" || kind === "area" ? "all" : undefined),
    areaStyle: kind === "area" ? { opacity: 0.35 } : undefined,
    symbol: "none",
    lineStyle: { width: 2, type: one.dashed ? "dashed" : "solid" },
    connectNulls: false,
    barMaxWidth: 36,
    itemStyle: { borderRadius: kind === "bar" ? [3, 3, 0, 0] : horizontal ? [0, 3, 3, 0] : 0 },
    markLine: index === 0 ? markLines(data, theme) : undefined,
  }));
  const category = {
    ...categoryAxis(data, theme),
    boundaryGap: drawnAs === "bar" || series.some((one) => one.type === "bar"),
  };
  // the outermost words stand inside the chart, and long names break instead of being cut
  if (!category.boundaryGap)
    Object.assign(category.axisLabel, { alignMinLabel: "left", alignMaxLabel: "right" });
  if (horizontal)
    Object.assign(category.axisLabel, {
      interval: 0,
      width: width < SMALL_WIDTH ? 96 : 180,
      overflow: "break",
    });
  const values = data.series.some((one) => one.axis)
    ? [
        valueAxis(data, theme),
        { ...valueAxis(data, theme, data.y2_name), splitLine: { show: false } },
      ]
    : valueAxis(data, theme);
  const option = {
    ...base(data, theme, width),
    xAxis: horizontal ? values : category,
    yAxis: horizontal ? { ...category, inverse: true } : values,
    series,
  };
  if (data.y_name) option.grid.top += 24;
  if (data.y_name && option.legend.show) option.grid.top += 8;
  return option;
}

function donut(data, theme, width) {
  const option = base(data, theme, width);
  const slices = data.x.map((name, i) => ({ name, value: data.series[0].values[i] }));
  const narrow = width < SMALL_WIDTH;
  return {
    ...option,
    tooltip: { ...option.tooltip, trigger: "item" },
    legend: {
      ...option.legend,
      show: true,
      ...(narrow
        ? { top: "auto", bottom: 0 }
        : { orient: "vertical", right: 0, left: "auto", top: "middle" }),
    },
    series: [
      {
        type: "pie",
        radius: narrow ? ["42%", "66%"] : ["52%", "80%"],
        center: narrow ? ["50%", "42%"] : ["36%", "50%"],
        data: slices,
        label: { show: false },
        itemStyle: { borderColor: theme.surface, borderWidth: 2 },
      },
    ],
  };
}

function scatter(data, theme, width) {
  const option = base(data, theme, width);
  return {
    ...option,
    tooltip: { ...option.tooltip, trigger: "item" },
    xAxis: {
      ...valueAxis(data, theme, undefined),
      name: data.x_name,
      nameLocation: "middle",
      nameGap: 28,
    },
    yAxis: valueAxis(data, theme),
    series: data.series.map((one) => ({
      name: one.name,
      type: one.kind ?? "scatter",
      data: one.values,
      symbolSize: one.kind ? 0 : 6,
      symbol: one.kind === "line" ? "none" : "circle",
    })),
  };
}

function heatmap(data, theme, width) {
  const option = base(data, theme, width);
  const largest = Math.max(...data.cells.map((cell) => cell[2] ?? 0), 0);
  return {
    ...option,
    tooltip: { ...option.tooltip, trigger: "item" },
    legend: { show: false },
    xAxis: categoryAxis(data, theme),
    yAxis: { ...categoryAxis({ x: data.y }, theme), name: data.y_name, nameLocation: "end" },
    visualMap: { show: false, min: 0, max: largest || 1, inRange: { color: theme.heat } },
    series: [
      {
        type: "heatmap",
        data: data.cells,
        label: {
          show: width >= SMALL_WIDTH && data.cells.length <= 144,
          formatter: (cell) => formatter(data)(cell.value),
        },
      },
    ],
  };
}

/** The ECharts option for one of our kinds; throws on a kind that does not exist. */
export function buildOption(kind, data, theme, width) {
  const build = { donut, scatter, heatmap }[kind];
  if (build) return build(data, theme, width);
  if (!["line", "area", "bar", "stacked", "horizontal"].includes(kind))
    throw new Error(`no chart kind ${kind}`);
  return cartesian(kind, data, theme, width);
}
