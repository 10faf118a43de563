/** The only module that imports ECharts, and only what is drawn; loaded when the first chart appears. */
import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

echarts.use([BarChart, LineChart, GridComponent, MarkLineComponent, CanvasRenderer]);

export const mount = (element: HTMLElement) => echarts.init(element, undefined, { renderer: 'canvas' });
export type Engine = ReturnType<typeof mount>;
