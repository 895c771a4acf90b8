/** Line icons, 24 by 24, drawn for this page. They decorate: the text beside them carries the meaning. */
const paths = {
  people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9c0-3.6 2.7-6 6-6s6 2.4 6 6M16 4.5a3.2 3.2 0 0 1 0 6.2M17.5 14.4c2.1.8 3.5 2.8 3.5 5.6',
  chat: 'M4 5h16v11H10l-5 4v-4H4Z',
  places: 'M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.500C5 14.800 12 21 12 21Zm0-9a2.600 2.600 0 1 0 0-5.200 2.600 2.600 0 0 0 0 5.200Z',
  rooms: 'M5 21V4h10v17M3 21h18M15 8h4v13M12 12v1.500',
  notes: 'M5 4h14v10l-6 6H5ZM13 20v-6h6M8.500 8.500h7M8.500 12h4',
  help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9.500 9.500a2.500 2.500 0 1 1 3.600 2.300c-.8.4-1.100.9-1.100 1.900M12 17v.1',
  events: 'M6 16V11a6 6 0 1 1 12 0v5l1.500 2h-15ZM10 20.500h4',
  hand: 'M8 12V6a1.500 1.500 0 0 1 3 0v5-6.500a1.500 1.500 0 0 1 3 0V11 6.500a1.500 1.500 0 0 1 3 0V15c0 3.500-2.200 6-5.500 6S7 19.500 5.500 17L4 14a1.500 1.500 0 0 1 2.500-1.500L8 14Z',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1',
  cube: 'M12 3 4 7.500v9L12 21l8-4.500v-9ZM4 7.500 12 12l8-4.500M12 12v9',
  leave: 'M14 4H6v16h8M10 12h11M17.500 8.500 21 12l-3.500 3.500',
  send: 'M4 12 20 4l-5 16-3.500-6.500Z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM5 20.500c0-4 3-6.500 7-6.500s7 2.500 7 6.500',
  voice: 'M12 15a3.500 3.500 0 0 0 3.500-3.500v-5a3.500 3.500 0 0 0-7 0v5A3.500 3.500 0 0 0 12 15ZM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21M8.500 21h7',
  host: 'M5 10v4h3l7 5V5l-7 5ZM18 9a4 4 0 0 1 0 6M9 15l1 5h2',
  close: 'M6 6l12 12M18 6 6 18',
  walk: 'M5 12h13M13 6l6 6-6 6',
  follow: 'M8 20c0-6 8-5 8-11M16 9l-3 3M16 9l3 3M8 20h.1',
};

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', paths[name] ?? '');
  svg.append(path);
  return svg;
}
