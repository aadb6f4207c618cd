export { type Handled, handle, type Proto, type Serving, servingOf } from './handle.ts';
export { Listeners } from './listeners.ts';
export { classOf, logLine } from './log-line.ts';
export { type Page, PageServers, type Pages, textPage } from './pages.ts';
